// Plain data as text that is the same only for the same data: keys of what is made once and used again.

/** JSON, but −0, NaN and the infinities keep their own words, as does undefined; `replace` may put other values in first. */
export function exactText(value: unknown, replace: (value: unknown) => unknown = (inner) => inner): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    const replaced = replace(inner);
    if (replaced === undefined) return null;
    const isOwn = typeof replaced === "number" && (!Number.isFinite(replaced) || Object.is(replaced, -0));
    return isOwn ? `number ${Object.is(replaced, -0) ? "-0" : replaced}` : replaced;
  });
}
