// Neocog in a real page: a small server for this repository, and Debian's Chromium with one page from it.
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, sep } from "node:path";
import type { Browser, Page } from "playwright-core";
import { ofNode } from "./doors.ts";
import { find, missing } from "./outside.ts";

/** Why there is no browser to test in, in one sentence; undefined where there is one. */
export async function browserMissing(): Promise<string | undefined> {
  const reason = missing("chromium");
  if (reason) return `${reason}; NEOCOG_CHROMIUM names another place`;
  const found = await import("playwright-core").catch(() => undefined);
  return found ? undefined : "The package playwright-core is not installed.";
}

export async function launch(): Promise<Browser> {
  const { chromium: kind } = await import("playwright-core");
  return kind.launch({
    executablePath: find("chromium"),
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".gz": "application/octet-stream",
};

// dist/test/browser.js
const { exports } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  exports: Readonly<Record<string, string | { readonly default: string }>>;
};

/** Every door of pages by the name that users import it by: its script. */
const doors = Object.fromEntries(
  Object.entries(exports).flatMap(([path, door]) => {
    const name = `neocog${path.slice(1)}`;
    return typeof door === "string" || ofNode.includes(name) ? [] : [[name, door.default.slice(1)]];
  }),
);

/** Text that a page evaluates to everything behind the doors. */
export const everything = `Object.assign({}, ...(await Promise.all(${JSON.stringify(Object.keys(doors))}.map((name) => import(name)))))`;

/** What a page writes in its head, so that modules find what they import by name. */
const importMap = {
  imports: {
    ...doors,
    "#host": "/dist/src/host/browser.js",
    "@bufbuild/protobuf/wire": "/node_modules/@bufbuild/protobuf/dist/esm/wire/index.js",
    fflate: "/node_modules/fflate/esm/browser.js",
  },
};
const page = `<!doctype html><title>Neocog</title><script type="importmap">${JSON.stringify(importMap)}</script>`;

export interface Site {
  readonly address: string;
  close(): Promise<void>;
}

export interface SiteOptions {
  /** Sends the headers that let pages share memory with workers. */
  readonly isolated: boolean;
  /** Paths that the server claims not to have. */
  readonly hidden?: (path: string) => boolean;
  /** Other folders, by the beginning of their addresses. */
  readonly folders?: Readonly<Record<string, string>>;
  /** Answers what is missing with the application's page, as many servers do. */
  readonly application?: boolean;
}

/** Serves this repository on localhost; every other page is the same empty one with the import map. */
export async function serve(root: string, options: SiteOptions): Promise<Site> {
  const { isolated, hidden = () => false, folders = {}, application = false } = options;
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (isolated) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    const head = Object.keys(folders).find((beginning) => pathname.startsWith(beginning)) ?? "/";
    const from = folders[head] ?? root;
    const path = normalize(join(from, decodeURIComponent(pathname.slice(head.length))));
    const showPage = (): void => void response.setHeader("Content-Type", "text/html").end(page);
    if (pathname === "/") {
      showPage();
    } else if (!path.startsWith(join(from, sep)) || hidden(pathname)) {
      response.writeHead(404).end();
    } else {
      const bytes = await readFile(path).catch(() => undefined);
      if (!bytes && application) showPage();
      else if (!bytes) response.writeHead(404).end();
      else response.setHeader("Content-Type", types[extname(path)] ?? "application/octet-stream").end(bytes);
    }
  });
  await listening(server);
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const listening = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });

/** A new page of the site; what goes wrong in it is told. */
export async function open(browser: Browser, { address }: Site): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext();
  const opened = await context.newPage();
  const complaints: string[] = [];
  opened.on("pageerror", (error) => complaints.push(String(error)));
  await opened.goto(address);
  return { page: opened, complaints };
}
