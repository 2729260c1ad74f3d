// Files that another file names: external data of ONNX, shards of TensorFlow.js. A file comes from a stranger, so the names in it
// are no paths of the user's: what they lead to must be a regular file that lies, links followed, inside the folder.
import { files } from "#host";
import { DataError } from "../base/errors.ts";
import { isInsidePath } from "../base/paths.ts";

/**
 * The bytes of a file inside a folder ("" for the current one), by its relative path with "/" between parts. Throws a
 * DataError for a path that leads out of the folder by its words or by a link, and for pipes and devices, which are not opened
 * to be read.
 */
export async function readInside(folder: string, path: string): Promise<Uint8Array> {
  if (!isInsidePath(path)) throw new DataError(`The path "${path.slice(0, 200)}" does not lie inside its folder.`);
  const base = folder === "" ? "." : folder;
  const whole = files.join(base, path);
  const [outer, real] = [await files.realPath(base), await files.realPath(whole)];
  const inside = real.startsWith(/[/\\]$/.test(outer) ? outer : outer + (real.includes("\\") ? "\\" : "/"));
  if (!inside) {
    throw new DataError(
      `${whole} is a link that leads out of its folder, to ${real}; if that is meant, copy the file into the folder.`,
    );
  }
  return files.readFile(real);
}
