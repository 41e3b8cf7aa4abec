/** What a sender fills in: every field may be left out and then has its default. */
export type Init<T> = { readonly [K in keyof T]?: InitValue<T[K]> | undefined };

type InitValue<V> = V extends string | number | bigint | boolean | Uint8Array
  ? V
  : V extends readonly (infer E)[]
    ? readonly InitValue<E>[]
    : V extends object
      ? Init<V>
      : V;
