// The file formats in the words of the help, from the library's own list.
import { fileFormats } from "../../src/use/formats/list.ts";

/** What a command takes as a model: a folder, every format that holds one, and built-in names. */
export function modelsTaken(also?: "weights"): string {
  const taken = fileFormats.filter(({ holds }) => holds !== "weights" || also === "weights");
  return `${taken.map(({ about }) => about).join(", ")}, or a built-in name`;
}

/** How the names of files end that are written. */
export const endingsWritten = fileFormats.flatMap(({ written, endings }) => (written ? endings : []));
