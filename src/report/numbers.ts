// Numbers for people, in pages.

/** Four digits behind the point; large ones with fewer. */
export const value = (number: number): string =>
  !Number.isFinite(number) ? "–" : Math.abs(number) < 1000 ? number.toFixed(4) : number.toExponential(2);
