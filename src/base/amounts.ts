// Amounts in words: what the command line and pages say of counts, bytes, times and shares.

/** 61706 → 61,706 */
export const grouped = (value: number): string => value.toLocaleString("en-US", { maximumFractionDigits: 0 });

/** 416520 → 417 K, 1814073344 → 1.81 G: three digits. */
export function short(value: number): string {
  const units = ["", " K", " M", " G", " T"];
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return String(Math.round(value * 100) / 100);
  return `${value.toFixed(Math.abs(value) < 9.995 ? 2 : Math.abs(value) < 99.95 ? 1 : 0)}${units[unit]}`;
}

/** Bytes in powers of 1024. */
export function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** 4.2 s, 3 min 05 s, 2 h 07 min */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  if (seconds < 59.95) return `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.round(seconds) % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** 0.98333 → 98.33 % */
export const percent = (share: number, digits = 2): string => `${(share * 100).toFixed(digits)} %`;

/** 1 picture, 2 pictures */
export const count = (value: number, one: string, many = `${one}s`): string =>
  `${grouped(value)} ${value === 1 ? one : many}`;

/** [28, 14] → 28 x 14 */
export const times = (sizes: readonly number[]): string => sizes.join(" x ");
