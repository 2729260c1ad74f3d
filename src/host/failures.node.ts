// Failures of the system as sentences: what could not be done with which path, and why.
import { DataError } from "../base/errors.ts";

/** The system's error codes as the second half of a sentence. */
const reasons: Record<string, string> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than allowed here",
  ENOTDIR: "a part of its path is a file, not a folder",
  EISDIR: "it is a folder, not a file",
  EEXIST: "it already exists",
  ENOTEMPTY: "it already exists and is not empty",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "its name is too long",
  ELOOP: "its links lead in a circle",
  EIO: "the disk reports an error",
};

/** One sentence for a failed attempt: what could not be done, and why. */
export function sentence(path: string, deed: string, error: unknown): DataError {
  if (error instanceof DataError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const missing = code === "ENOENT" && deed === "written" ? "its folder does not exist" : undefined;
  const reason = missing ?? (code && reasons[code]) ?? message;
  return new DataError(`cannot be ${deed}: ${reason}.`, {
    where: [{ kind: "file", name: path, asSubject: true }],
    cause: error,
  });
}

export async function attempt<T>(path: string, deed: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw sentence(path, deed, error);
  }
}
