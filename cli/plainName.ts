// What data is called in the name of a folder or file that is made of it.
import { files } from "#host";

/** `digits`, or the last part of a path without its ending. */
export function plainName(data: string): string {
  const name = files.baseName(data.replace(/[/\\]+$/, "")).replace(/(\.[a-z0-9]{1,4})+$/i, "");
  return /^\.*$/.test(name) ? "model" : name;
}
