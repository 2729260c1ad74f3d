// Colours by meaning. On what is no terminal, or under NO_COLOR, every paint leaves the text as it is.
import { sealedColour } from "./door.ts";

/** The codes that turn a look on and off again. */
const meanings = {
  title: [1, 22], // bold
  faint: [2, 22], // dim
  good: [32, 39], // green
  warn: [33, 39], // yellow
  bad: [31, 39], // red
  key: [36, 39], // cyan
} as const;

export type Paint = Readonly<Record<keyof typeof meanings, (text: string) => string>>;

export function paintFor(stream: NodeJS.WriteStream): Paint {
  const coloured = hasColours(stream);
  const brush =
    ([on, off]: readonly [number, number]) =>
    (text: string) =>
      coloured && text !== "" ? sealedColour(on) + text + sealedColour(off) : text;
  return {
    title: brush(meanings.title),
    faint: brush(meanings.faint),
    good: brush(meanings.good),
    warn: brush(meanings.warn),
    bad: brush(meanings.bad),
    key: brush(meanings.key),
  };
}

function hasColours(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return stream.isTTY === true && stream.hasColors();
}
