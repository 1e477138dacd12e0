/** What an attacker would like to change: it would be there in every object of this kind. */
const PROTOTYPES: readonly object[] = [
  Object,
  Array,
  Function,
  Error,
  Map,
  Set,
  Promise,
  Date,
  RegExp,
  String,
  Number,
  BigInt,
  Uint8Array,
  Buffer,
].map(({ prototype }: { readonly prototype: object }) => prototype);

/** The names and values of all their properties: the same as long as nobody has changed any. */
export function prototypes(): readonly unknown[] {
  return PROTOTYPES.flatMap((prototype): readonly unknown[] => {
    const descriptors = Reflect.ownKeys(prototype).map((key) =>
      Reflect.getOwnPropertyDescriptor(prototype, key),
    );
    const values = descriptors.flatMap((descriptor) => Object.values(descriptor ?? {}) as unknown[]);
    return [Object.getPrototypeOf(prototype), ...Reflect.ownKeys(prototype), ...values];
  });
}
