// Where the files of a model lie: a folder, an address on the net, a zip, a directory handle of a page. A store knows
// names and bytes; what they mean, and in what order they are written, is the same for all (generations.ts).

/** A place to read from. */
export interface Store {
  /** The place as its user named it, for messages. */
  readonly title: string;
  /** A file of it, for messages. */
  path(name: string): string;
  /** The bytes of a file, or undefined where there is none. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Why the last `read` of a file found none, as a clause: "the server answered 404". */
  reason(name: string): string | undefined;
}

/** A place to write to. Names are plain: no folders below it. */
export interface WritableStore extends Store {
  /** Makes the place where there is none; `close` takes it away where nothing was written. */
  open(): Promise<void>;
  close(): Promise<void>;
  /** What stands there; `other` is a folder, a link, or what is no plain file. */
  list(): Promise<readonly { readonly name: string; readonly kind: "file" | "other" }[]>;
  /** Writes a whole file that nobody reads yet: a crash may leave half of it. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Makes a file that was not there; false where it was. It need not last through a crash. */
  claim(name: string, bytes: Uint8Array): Promise<boolean>;
  /** Puts a file in the place of another: at any moment one of the two is there, whole. */
  move(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Bytes that can still be written, where that is known. */
  freeSpace?(): Promise<number | undefined>;
  /** Makes all that was done last through a power cut. */
  sync(): Promise<void>;
}
