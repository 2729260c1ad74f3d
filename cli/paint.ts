// Colours by meaning. On what is no terminal, or under NO_COLOR, every paint leaves the text as it is.
import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

const meanings = {
  title: "bold",
  faint: "dim",
  good: "green",
  warn: "yellow",
  bad: "red",
  key: "cyan",
} as const satisfies Record<string, Format>;

export type Paint = Readonly<Record<keyof typeof meanings, (text: string) => string>>;

export function paintFor(stream: NodeJS.WriteStream): Paint {
  const coloured = hasColours(stream);
  const brush = (format: Format) => (text: string) =>
    coloured && text !== "" ? styleText(format, text, { validateStream: false }) : text;
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
