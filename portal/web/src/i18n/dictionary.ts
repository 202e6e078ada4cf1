/** The same keys in another language: a missing one, or one too many, does not compile. */
export type Dictionary<En> = { readonly [K in keyof En]: string };
