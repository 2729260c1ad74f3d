// Who may ask. A server on loopback is reached by every page that this machine's browser shows: by a name that leads to 127.0.0.1
// (DNS rebinding), so the Host header must be one that is known; and by a form or script of another origin, so that is refused
// unless it was told that it may.
import type { IncomingMessage } from "node:http";
import { Refusal } from "./refusal.ts";

const loopback = ["localhost", "127.0.0.1", "[::1]"];

export const isLoopback = (address: string): boolean =>
  address === "localhost" || address === "::1" || /^(::ffff:)?127\./.test(address);

/** The names that the Host header may have; undefined for all. */
export function hostsFor(listening: string, told: readonly string[]): ReadonlySet<string> | undefined {
  if (!isLoopback(listening) && told.length === 0) return undefined;
  return new Set([...loopback, listening, ...told].map((name) => name.toLowerCase()));
}

export function checkHost({ headers, httpVersion }: IncomingMessage, allowed: ReadonlySet<string> | undefined): void {
  const { host } = headers;
  if (host === undefined) {
    if (httpVersion === "1.0" && !allowed) return;
    throw new Refusal(400, "The request has no Host header.");
  }
  const name = host.toLowerCase().replace(/:\d*$/, "");
  if (!allowed || allowed.has(name)) return;
  throw new Refusal(
    421,
    `This server does not answer for ${host.slice(0, 100)}; ask it as localhost, or start it with that name among its hosts.`,
  );
}

/** Headers for a page of another origin that may ask; none for everybody else. */
export function corsFor({ headers }: IncomingMessage, allowed: readonly string[]): Readonly<Record<string, string>> {
  const { origin, host } = headers;
  if (origin === undefined || isSame(origin, host)) return {};
  if (allowed.includes("*")) return { "access-control-allow-origin": "*" };
  if (allowed.includes(origin)) return { "access-control-allow-origin": origin, vary: "Origin" };
  throw new Refusal(403, "Pages of other origins may not ask this server; it can be started with their origin.");
}

export const preflight = {
  "access-control-allow-methods": "GET, POST",
  "access-control-allow-headers": "content-type",
  "access-control-max-age": "600",
} as const;

function isSame(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}
