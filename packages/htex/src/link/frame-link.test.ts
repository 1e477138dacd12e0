import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

import {
  Codec,
  resultField,
  ResultStatus,
  forEachRecord,
  RESULT_HEAD_BYTES,
  streamFrame,
  writeResult,
} from '@parsl-ts/wire';
import { expect, test } from 'vitest';

import { connection } from '../testing/connection.js';
import { FrameLink } from './frame-link.js';

const NEWS = 9;
const RESULTS = 2;

test('small records overtake large ones that wait, and what goes in line does not', async () => {
  const [here, there] = await connection();
  there.pause();
  const sender = new FrameLink(
    { reading: here, writing: here },
    { onFrame: () => undefined, onEnd: () => undefined },
  );
  const bytes = Buffer.alloc(8_000_000);
  const record = (submission: number, payload: Buffer) =>
    writeResult(submission, ResultStatus.succeeded, 0, { codec: Codec.msgpack, bytes: payload });
  for (let large = 0; large < 4; large++) sender.sendRecords(RESULTS, [record(large, bytes)]);
  sender.sendControlInLine(NEWS, {});
  sender.sendRecords(RESULTS, [record(100, Buffer.from([1]))]);
  const order: (number | string)[] = [];
  await new Promise<void>((resolve) => {
    new FrameLink(
      { reading: there, writing: there },
      {
        onFrame: (type, body) => {
          if (type === NEWS) order.push('in line');
          else {
            forEachRecord(body, 0, RESULT_HEAD_BYTES, [], (each) => order.push(resultField.submission(each)));
          }
          if (order.length === 6) resolve();
        },
        onEnd: () => undefined,
      },
    );
    there.resume();
  });
  expect(order).toEqual([0, 100, 1, 2, 3, 'in line']);
  here.destroy();
  there.destroy();
});

test('what waits in line goes on when small frames had filled the socket', async () => {
  const [here, there] = await connection();
  there.pause();
  const sender = new FrameLink(
    { reading: here, writing: here },
    { onFrame: () => undefined, onEnd: () => undefined },
  );
  const record = (submission: number, bytes: number) =>
    writeResult(submission, ResultStatus.succeeded, 0, { codec: Codec.msgpack, bytes: Buffer.alloc(bytes) });
  for (let small = 0; small < 300; small++) sender.sendRecords(RESULTS, [record(small, 30_000)]);
  const taken = new Promise<void>((resolve) => {
    sender.sendRecords(RESULTS, [record(1000, 40_000)]);
    sender.whenTaken(resolve);
  });
  const frames = new Promise<void>((resolve) => {
    let count = 0;
    new FrameLink(
      { reading: there, writing: there },
      { onFrame: () => ++count === 301 && resolve(), onEnd: () => undefined },
    );
  });
  there.resume();
  await Promise.all([taken, frames]);
  here.destroy();
  there.destroy();
});

test('reads into its own memory what comes over a socket that it has made', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const received: string[] = [];
  const ended = new Promise<void>((resolve) => {
    const writing = connect(port, '127.0.0.1');
    new FrameLink(
      { reading: (onread) => connect({ port, host: '127.0.0.1', onread }), writing },
      {
        onFrame: (type, body) => received.push(`frame ${type} of ${body.length}`),
        onTurn: () => received.push('turn'),
        onEnd: resolve,
      },
    );
  });
  const peers: Socket[] = [];
  while (peers.length < 2) peers.push(...((await once(server, 'connection')) as [Socket]));
  server.close();
  for (const peer of peers) {
    const frames = [3, 2_000_000].flatMap((bytes) => [...streamFrame(NEWS, [Buffer.alloc(bytes)])]);
    peer.end(Buffer.concat(frames));
    peer.resume();
  }
  await ended;
  expect(received.filter((each) => each !== 'turn')).toEqual(['frame 9 of 3', 'frame 9 of 2000000']);
  expect(received.at(-1)).toBe('turn');
});
