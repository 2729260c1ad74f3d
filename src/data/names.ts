// What names of files and folders tell in a folder of pictures.

export type PartName = "train" | "validation" | "test";

const partNames: Readonly<Record<PartName, readonly string[]>> = {
  train: ["train", "training"],
  validation: ["val", "valid", "validation"],
  test: ["test", "tests", "testing"],
};

/** The part of a data set that a folder of this name holds, if it is one of the usual names. */
export function partOf(name: string): PartName | undefined {
  const parts = Object.entries(partNames) as [PartName, readonly string[]][];
  return parts.find(([, names]) => names.includes(name.toLowerCase()))?.[0];
}

/** What file managers, archives and network disks leave lying about: not worth a report. */
export const clutter = /^(\..*|__macosx|@eadir|thumbs\.db|ehthumbs\.db|desktop\.ini|\$recycle\.bin|lost\+found)$/i;

const readable = /\.(png|jpe?g|jfif|webp|gif|tiff?|avif)$/i;
const unreadable = /\.(bmp|heic|heif|svg|pdf|psd|ico|jxl|jp2|tga|ppm|pgm|exr|hdr|dng|cr2|cr3|nef|arw|raf|orf|rw2)$/i;

/** Why a file is no picture that can be read, by its name alone; undefined where it is one. */
export function whyNoPicture(name: string): string | undefined {
  if (readable.test(name)) return undefined;
  const kind = unreadable.exec(name)?.[1];
  return kind === undefined
    ? "its name is not a picture's"
    : `${kind.toUpperCase()} pictures cannot be read; save them as PNG or JPEG`;
}
