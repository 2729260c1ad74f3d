// Paths that stand in files: relative, with "/" between parts.

/** Whether a path in a file stays inside the folder by its words: relative, without "..", a drive, a scheme or a NUL. */
export function isInsidePath(path: string): boolean {
  return /^[^\\:\0]+$/.test(path) && path.split("/").every((part) => part !== "" && part !== "..");
}
