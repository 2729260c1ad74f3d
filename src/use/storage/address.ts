// A folder on the net, behind any static server: every file is fetched by its name, and nothing is listed. Many servers answer
// a missing file with a page (the application's index.html) and the status 200; that is no file of a model.
import { DataError, reasonOf } from "../../base/errors.ts";
import type { Store } from "./store.ts";

/** `title`: the address of the folder, of its model.json or of its manifest; relative ones as the page reads them. */
export function addressStore(title: string): Store {
  const reasons = new Map<string, string>();
  const base = new URL(title, globalThis.location?.href);
  if (!/\.json$/.test(base.pathname) && !base.pathname.endsWith("/")) base.pathname += "/";
  const path = (name: string): string => {
    const address = new URL(name, base);
    address.search = base.search;
    return address.href;
  };
  return {
    title,
    path,
    reason: (name) => reasons.get(name),
    async read(name) {
      reasons.delete(name);
      const address = path(name);
      const response = await get(address);
      if (response.status >= 400 && response.status < 500) {
        reasons.set(name, `the server answered ${response.status}`);
        return undefined;
      }
      if (!response.ok) throw new DataError(`${address} cannot be read: the server answered ${response.status}.`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (!isPage(response, bytes)) return bytes;
      reasons.set(name, "the server answered with a web page");
      return undefined;
    },
  };
}

/** The bytes at an address, which must be there. */
export async function fetchBytes(address: string): Promise<Uint8Array> {
  const response = await get(address);
  if (!response.ok) throw new DataError(`${address} cannot be read: the server answered ${response.status}.`);
  return new Uint8Array(await response.arrayBuffer());
}

async function get(address: string): Promise<Response> {
  try {
    // A copy that the browser kept is used only if the server says that it is still right.
    return await fetch(address, { cache: "no-cache" });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new DataError(`${address} cannot be read: ${reasonOf(cause)}.`, { cause: error });
  }
}

function isPage(response: Response, bytes: Uint8Array): boolean {
  if (/^text\/html/i.test(response.headers.get("content-type") ?? "")) return true;
  return /^\s*<(!doctype html|html)/i.test(new TextDecoder().decode(bytes.subarray(0, 200)));
}
