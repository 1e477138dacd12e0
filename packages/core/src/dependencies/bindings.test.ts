import { describe, expect, it } from 'vitest';
import { AppFuture, fulfilFuture } from '../futures/app-future.js';
import { Bindings } from './bindings.js';
import { mapAndSetDependencies } from './dependency-resolver.js';

let nextId = 0;

function settled(value: unknown): AppFuture<unknown> {
  const future = new AppFuture<unknown>(nextId++, { name: 'f' }, undefined);
  fulfilFuture(future, 'exec_done', value);
  return future;
}

function bind(args: readonly unknown[], resolver = false): readonly unknown[] {
  const bindings = Bindings.of(args, resolver ? mapAndSetDependencies : undefined);
  bindings?.fill();
  return bindings?.args ?? args;
}

describe('Bindings', () => {
  it('finds nothing in arguments without futures', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const args = [
      1,
      'a',
      null,
      undefined,
      [1, [2]],
      { a: { b: [3] } },
      new Date(),
      new Map([[1, 2]]),
      () => 1,
      cyclic,
    ];
    expect(Bindings.of(args, undefined)).toBeUndefined();
    expect(Bindings.of(args, mapAndSetDependencies)).toBeUndefined();
  });

  it('replaces futures in arguments, arrays and plain objects, at any depth', () => {
    const args = [settled(1), [settled(2), 0], { a: { b: [{ c: settled(3) }] } }, 'x'];
    expect(bind(args)).toEqual([1, [2, 0], { a: { b: [{ c: 3 }] } }, 'x']);
  });

  it('leaves the objects of the caller as they are, and does not see later changes', () => {
    const future = settled(1);
    const list: unknown[] = [future];
    const bindings = Bindings.of([list], undefined);
    list.push('later');
    bindings?.fill();
    expect(bindings?.args).toEqual([[1]]);
    expect(list).toEqual([future, 'later']);
  });

  it('passes arguments without futures as they are, beside others', () => {
    const shared = { big: [1, 2, 3] };
    const instance = new URL('http://example.org');
    const [, first, second] = bind([settled(1), shared, [settled(2), instance]]);
    expect(first).toBe(shared);
    expect(second).toEqual([2, instance]);
    expect(Array.isArray(second) && second[1]).toBe(instance);
  });

  it('keeps cycles and shared objects', () => {
    const shared = { future: settled(1) };
    const cyclic: Record<string, unknown> = { a: shared, b: shared };
    cyclic['self'] = cyclic;
    const [copy] = bind([cyclic]);
    expect(copy).toMatchObject({ a: { future: 1 } });
    const fields = Object(copy) as Record<string, unknown>;
    expect(fields['a']).toBe(fields['b']);
    expect(fields['self']).toBe(copy);
  });

  it('is not led astray by a key named __proto__', () => {
    const hostile: unknown = JSON.parse('{"__proto__": {"polluted": true}}');
    const [copy] = bind([{ hostile, future: settled(1) }]);
    expect(Object.prototype).not.toHaveProperty('polluted');
    expect(Object.getPrototypeOf(Object(copy))).toBe(Object.prototype);
    expect(JSON.stringify(copy)).toBe('{"hostile":{"__proto__":{"polluted":true}},"future":1}');
  });

  it('waits for foreign promises, each once', async () => {
    const promise = Promise.resolve(5);
    const bindings = Bindings.of([promise, [promise]], undefined);
    expect(new Set(bindings?.futures).size).toBe(1);
    await bindings?.futures[0];
    bindings?.fill();
    expect(bindings?.args).toEqual([5, [5]]);
  });

  it('does not enter maps, sets and instances without a resolver', () => {
    expect(Bindings.of([new Map([['a', settled(1)]]), new Set([settled(2)])], undefined)).toBeUndefined();
  });

  it('enters what the resolver enters', () => {
    const key = settled('k');
    const value = {
      list: [new Map<unknown, unknown>([[key, { x: settled(1) }]])],
      set: new Set([settled(2), 0]),
    };
    expect(bind([value], true)).toEqual([{ list: [new Map([['k', { x: 1 }]])], set: new Set([2, 0]) }]);
  });

  it('tells the tasks that are waited for', () => {
    const [a, b] = [settled(1), settled(2)];
    expect(Bindings.of([a, [b, a]], undefined)?.taskIds()).toEqual([a.taskId, b.taskId]);
  });

  it('takes time in proportion to what it searches, also when objects are shared', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 200; depth++) value = { a: value, b: value, c: [value] };
    expect(Bindings.of([value], undefined)).toBeUndefined();
    expect(Bindings.of([{ value, future: settled(1) }], undefined)?.futures).toHaveLength(1);
  });
});
