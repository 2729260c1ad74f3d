// How this program was started, so that what it tells to type next can be typed.
import { basename, relative } from "node:path";

/** `neocog` where that is on the path, `npx neocog` from npm's scripts and npx, else `node …/main.js`. */
export function invocation(): string {
  if (process.env.npm_command !== undefined) return "npx neocog";
  const script = process.argv[1] ?? "neocog";
  const name = basename(script);
  if (/^neocog(\.[a-z]+)?$/.test(name)) return "neocog";
  const short = relative(process.cwd(), script);
  return `node ${short.length < script.length ? short : script}`;
}
