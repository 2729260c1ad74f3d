// Every code block and every command of every page, run in the project as a reader would, or marked with the reason why not.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { commands } from "../../cli/commands/list.ts";
import { type Block, blocksOf, inlineCommands } from "./blocks.ts";
import { leave, workplace } from "./fixtures.ts";
import { project, shell } from "./project.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...["docs", "assets", "bench"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((name) => `${folder}/${String(name)}`)
      .filter((name) => name.endsWith(".md") && !name.includes("node_modules")),
  ),
].sort();
const markdown = (file: string): string => readFileSync(join(root, file), "utf8");
const blocks = pages.flatMap((file) => blocksOf(file, markdown(file)));
const of = (info: string): Block[] => blocks.filter((block) => block.info === info);
const title = ({ file, line }: Block): string => `${file}:${line}`;

/** What the words after a fence may be, and who runs it. */
const kinds: Readonly<Record<string, string>> = {
  ts: "run in Node by this file",
  sh: "run line by line by this file",
  "ts page": "run in Chromium: the first of docs/browser.md by bundlers.case.ts, the others by browser-model.test.ts",
  "html page": "opened in Chromium by bundlers.case.ts",
  text: "something to look at: a formula, headers, an output",
};

test("every block says what it is, and every other one than these is marked with the reason why it is not run", () => {
  assert.ok(pages.length > 40 && blocks.length > 60);
  const others = blocks.filter(({ info, notRun }) => !(info in kinds) && notRun === undefined);
  assert.deepEqual(
    others.map((block) => `${title(block)} \`\`\`${block.info}`),
    [],
  );
});

test("code blocks are right in strict TypeScript", () => {
  const folder = join(project(), "blocks");
  mkdirSync(folder, { recursive: true });
  const written = of("ts").map((block) => {
    const name = `${title(block).replaceAll(/[/:.]/g, "-")}.ts`;
    writeFileSync(join(folder, name), block.text);
    return name;
  });
  assert.ok(written.length >= 4);
  const options =
    "--noEmit --strict --target ES2023 --lib ES2023 --module NodeNext --moduleDetection force --types node --skipLibCheck false";
  const { code, stdout } = shell(`tsc ${options} ${written.join(" ")}`, folder);
  assert.equal(code, 0, stdout);
});

for (const block of of("ts")) {
  test(`code: ${title(block)}`, { skip: block.notRun ?? false }, async () => {
    const place = await workplace();
    writeFileSync(join(place, "block.ts"), block.text);
    const { code, stdout, stderr } = shell(
      "esbuild --log-level=error --format=esm block.ts > block.mjs && node block.mjs",
      place,
    );
    assert.equal(code, 0, `${block.text}\n${stdout}${stderr}`);
    leave(place);
  });
}

for (const block of of("sh")) {
  test(`commands: ${title(block)}`, { skip: block.notRun ?? false }, async () => {
    const place = await workplace();
    for (const line of block.text.trimEnd().split("\n")) {
      const { code, stdout, stderr } = shell(line, place);
      assert.equal(code, 0, `${line}\n${stdout}${stderr}`);
    }
    leave(place);
  });
}

test("commands in running text name commands and options that exist", () => {
  const known = new Map(
    commands.map(({ name, options }) => [
      name,
      Object.values(options).flatMap(({ flags }) => flags.match(/--?[\w-]+/g) ?? []),
    ]),
  );
  let seen = 0;
  for (const file of pages) {
    for (const command of inlineCommands(markdown(file))) {
      const [name, ...words] = command.replace(/^(npx )?neocog /, "").split(/\s+/);
      if (name.startsWith("<") || name.startsWith("-") || name === "…") continue;
      const flags = known.get(name);
      assert.ok(flags, `${file}: ${command}: there is no such command`);
      if (name === "lab") continue;
      for (const word of words.filter((one) => one.startsWith("-")))
        assert.ok(
          [...flags, "--json", "--debug", "--help"].includes(word.replace(/[=,.;].*$/, "")),
          `${file}: ${command}: ${word}`,
        );
      seen++;
    }
  }
  assert.ok(seen >= 5, `${seen} commands`);
});
