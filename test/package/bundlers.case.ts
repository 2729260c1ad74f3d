// The package in pages, as users build them: Vite's dev server, its build and its preview with no settings at all, esbuild as
// docs/browser.md says, and a server that compresses what it sends. Each page trains on the digits and says how it went.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { browserMissing, launch } from "../browser.ts";
import { blocksOf } from "./blocks.ts";
import { leave, workplace } from "./fixtures.ts";
import { environment, project, shell } from "./project.ts";

const missing = await browserMissing();
const skip = missing ?? false;
let browser: Browser | undefined;
after(() => browser?.close());

const site = join(project(), "site");
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** The first example of docs/browser.md, and what it says at its end. */
function writeSite(): void {
  mkdirSync(join(site, "src"), { recursive: true });
  const example = /```ts page\n([\s\S]*?)```/.exec(
    readFileSync(new URL("../../../docs/browser.md", import.meta.url), "utf8"),
  )?.[1];
  assert.ok(example, "docs/browser.md has no block ```ts page");
  writeFileSync(
    join(site, "index.html"),
    '<!doctype html><title>site</title><script type="module" src="/src/main.ts"></script>\n',
  );
  writeFileSync(join(site, "src", "main.ts"), `${example}\ndocument.title = "finished";\n`);
}

/** Opens a page and waits until it has finished; gives what its console said, without the end of which it fails. */
async function visit(address: string): Promise<string[]> {
  browser ??= await launch();
  const context = await browser.newContext();
  const page = await context.newPage();
  const said: string[] = [];
  const complaints: string[] = [];
  page.on("console", (message) => {
    const ofIcon = message.location().url.endsWith("/favicon.ico");
    if (!ofIcon) (message.type() === "error" || message.type() === "warning" ? complaints : said).push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("response", (response) => {
    if (response.status() >= 400 && !response.url().endsWith("/favicon.ico"))
      complaints.push(`${response.status()} ${response.url()}`);
  });
  try {
    await page.goto(address);
    await page
      .waitForFunction(() => document.title === "finished", undefined, { timeout: 120_000 })
      .catch(() => complaints.push(`it never finished; it said: ${said.slice(-3).join(" | ")}`));
  } finally {
    await context.close();
  }
  assert.deepEqual(complaints, []);
  return said;
}

/** Starts a server of Vite's and waits for its address; gives that, all it prints, and a way to end it. */
async function vite(...words: string[]): Promise<{ address: string; printed: () => string; end: () => void }> {
  const child: ChildProcess = spawn("vite", [...words, "--port", "0", "--host", "127.0.0.1"], {
    cwd: site,
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const address = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      printed += chunk.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed);
      if (found) resolve(found[0]);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.on("exit", () => reject(new Error(printed)));
  });
  return { address, printed: () => printed, end: () => child.kill() };
}

const trained = (said: readonly string[]): void => {
  assert.ok(
    said.some((line) => line.includes("finished")),
    said.join("\n"),
  );
};

test("Vite's dev server, with no settings", { skip }, async () => {
  writeSite();
  const server = await vite();
  try {
    trained(await visit(server.address));
    assert.doesNotMatch(server.printed(), /warn|error|source map/i);
  } finally {
    server.end();
  }
});

test("Vite's build and preview, with no settings and without a warning", { skip }, async () => {
  writeSite();
  const { code, stdout, stderr } = shell("vite build", site);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stdout + stderr, /warn|source map/i);
  const server = await vite("preview");
  try {
    trained(await visit(server.address));
  } finally {
    server.end();
  }
});

/** A folder behind a server that compresses all it sends, with the headers that threads need. */
async function compressing(folder: string): Promise<{ address: string; end: () => void }> {
  const types: Readonly<Record<string, string>> = {
    ...{ ".js": "text/javascript", ".mjs": "text/javascript", ".html": "text/html", ".json": "application/json" },
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    try {
      const path = join(folder, pathname === "/" ? "index.html" : pathname);
      const body = gzipSync(readFileSync(path));
      const type = types[extname(path)] ?? "application/octet-stream";
      response.writeHead(200, { ...isolation, "Content-Type": type, "Content-Encoding": "gzip" }).end(body);
    } catch {
      response.writeHead(404, isolation).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/`,
    end: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

test("esbuild as docs/browser.md says, behind a server that compresses, with threads", { skip }, async () => {
  writeSite();
  const command = /```sh\n(esbuild [^\n]+)\n/.exec(
    readFileSync(new URL("../../../docs/browser.md", import.meta.url), "utf8"),
  )?.[1];
  assert.ok(command, "docs/browser.md has no command of esbuild");
  const { code, stderr } = shell(`ln -sfn ../node_modules node_modules && ${command}`, site);
  assert.equal(code, 0, stderr);
  const page = '<!doctype html><title>site</title><script type="module" src="/main.js"></script>\n';
  writeFileSync(join(site, "out", "index.html"), page);
  const server = await compressing(join(site, "out"));
  try {
    const said = await visit(server.address);
    trained(said);
    assert.ok(
      said.some((line) => /\d threads\./.test(line)),
      said.slice(0, 2).join("\n"),
    );
  } finally {
    server.end();
  }
});

test("a page without a bundler, as docs/browser.md writes it, says what a chosen photo shows", { skip }, async () => {
  const file = new URL("../../../docs/browser.md", import.meta.url);
  const pages = blocksOf("docs/browser.md", readFileSync(file, "utf8")).filter(({ info }) => info === "html page");
  assert.equal(pages.length, 1);
  const place = await workplace();
  writeFileSync(join(place, "index.html"), pages[0].text);
  shell("ln -sfn ../../node_modules node_modules", place);
  const server = await compressing(place);
  browser ??= await launch();
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(server.address);
    const answer = page.locator("pre");
    await answer.filter({ hasText: "Choose a picture: one of 0, 1, 2" }).waitFor({ timeout: 60_000 });
    await page.locator("input").setInputFiles(join(place, "seven.png"));
    await answer.filter({ hasText: "%" }).waitFor({ timeout: 60_000 });
    const lines = ((await answer.textContent()) ?? "").split("\n");
    assert.equal(lines.length, 3);
    for (const line of lines) assert.match(line, /^\d {2}\d+\.\d %$/);
    assert.match(lines[0], /^7 /);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
    server.end();
    leave(place);
  }
});
