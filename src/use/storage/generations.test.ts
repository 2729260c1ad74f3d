// A model is written so that it can be cut off anywhere: after every operation of a writer, and between any two operations of
// a reader, the old model or the new one is there, whole, and what else lies there is untouched.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { folderStore } from "./folder.ts";
import { type Contents, writeGeneration } from "./generations.ts";
import { manifestName } from "./manifest.ts";
import { readSnapshot } from "./reading.ts";
import type { WritableStore } from "./store.ts";
import { failingAt, killedAt, memoryStore, watched } from "./testing.ts";

const root = mkdtempSync(join(tmpdir(), "neocog-generations-"));
after(() => rmSync(root, { recursive: true }));

const names = ["model.json", "weights.safetensors", "best.safetensors", "state.safetensors", "history.jsonl"];
const strangers: Contents = {
  "notes.txt": "mine",
  ".weights.safetensors.bak": "mine too",
  "state.safetensors.old": "and mine",
};
const generation = (word: string, which = names): Contents =>
  Object.fromEntries(which.map((name) => [name, name === "model.json" ? "always the same" : `${word} in ${name}`]));

const [old, next, third] = [generation("old"), generation("new"), generation("third")];
/** A model without a state of training: what a forced `saveModel` writes over a checkpoint. */
const bare = generation("bare", names.slice(0, 2));

interface Place {
  readonly store: WritableStore;
  /** All that lies there, as text. */
  contents(): Record<string, string>;
}

let serial = 0;
/** A place that holds some files as they are. */
const kinds: Readonly<Record<string, (holding: Contents) => Place>> = {
  memory(holding) {
    const disk = new Map(Object.entries(holding).map(([name, text]) => [name, new TextEncoder().encode(String(text))]));
    const contents = () =>
      Object.fromEntries([...disk].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]));
    return { store: memoryStore(disk), contents };
  },
  folder(holding) {
    const path = join(root, `${++serial}`);
    mkdirSync(path);
    for (const [name, text] of Object.entries(holding)) writeFileSync(join(path, name), text);
    const contents = () =>
      Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name), "utf8")]));
    return { store: folderStore(path), contents };
  },
};

async function seen(store: WritableStore): Promise<Record<string, string>> {
  const { files } = await readSnapshot(store, names);
  return Object.fromEntries([...files].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]));
}

/** At rest the model lies under its plain names, with the manifest and the strangers, and nothing else. */
function assertAtRest(found: Record<string, string>, model: Contents): void {
  const { [manifestName]: manifest, ...rest } = found;
  assert.ok(manifest);
  assert.deepEqual(rest, { ...model, ...strangers });
}

const starts: readonly {
  readonly title: string;
  readonly before: Contents | undefined;
  readonly after: Contents;
  /** Files without a manifest. */
  readonly unlisted?: readonly string[];
}[] = [
  { title: "over an older one", before: old, after: next },
  { title: "where there was none", before: undefined, after: next },
  { title: "with fewer files", before: old, after: bare },
  { title: "over one without a manifest", before: old, after: bare, unlisted: names },
];

async function begin(kind: string, { before, unlisted }: (typeof starts)[number]): Promise<Place> {
  const place = kinds[kind]({ ...strangers, ...(unlisted ? before : {}) });
  if (before && !unlisted) await writeGeneration(place.store, before, {});
  return place;
}

for (const kind of Object.keys(kinds)) {
  for (const start of starts) {
    const { title, before = {}, after: model, unlisted } = start;
    test(`a writer killed at any operation leaves the old model or the new one: ${kind}, ${title}`, async () => {
      const outcomes = new Set<string>();
      let finished = false;
      for (let nth = 1; !finished; nth++) {
        assert.ok(nth < 100);
        const { store, contents } = await begin(kind, start);
        const killed = killedAt(store, nth);
        finished = await writeGeneration(killed, model, {}, unlisted).then(
          () => true,
          (error: Error) => assert.equal(error.message, "killed") ?? false,
        );
        const found = await seen(store);
        const isNew = JSON.stringify(found) === JSON.stringify(model);
        if (!isNew) assert.deepEqual(found, before, `killed at operation ${nth}`);
        outcomes.add(isNew ? "new" : "old");
        // The next writer, which knows no more than what lies there, cleans up and goes on.
        const rest = unlisted && !isNew ? unlisted : [];
        await writeGeneration(store, third, {}, rest);
        assert.deepEqual(await seen(store), third);
        assertAtRest(contents(), third);
      }
      assert.deepEqual([...outcomes], ["old", "new"], "the new one comes at one moment, and stays");
    });

    test(`one failed operation leaves the old model or the new one, and nothing half-written: ${kind}, ${title}`, async () => {
      let finished = false;
      for (let nth = 1; !finished; nth++) {
        const { store, contents } = await begin(kind, start);
        finished = await writeGeneration(failingAt(store, nth), model, {}, unlisted).then(
          () => true,
          () => false,
        );
        const found = await seen(store);
        if (JSON.stringify(found) !== JSON.stringify(model)) assert.deepEqual(found, before, `operation ${nth}`);
        assert.deepEqual(
          Object.keys(contents()).filter((name) => name.endsWith(".pending")),
          [],
          `operation ${nth}`,
        );
      }
    });
  }

  test(`a reader sees one generation at every moment of a writer, and with writers between its own steps: ${kind}`, async () => {
    const place = await begin(kind, starts[0]);
    const wholes = [old, next].map((model) => JSON.stringify(model));
    const looks: string[] = [];
    const look = async (): Promise<void> => {
      looks.push(JSON.stringify(await seen(place.store)));
    };
    await writeGeneration(watched(place.store, look), next, {});
    assert.ok(looks.length > 15, `${looks.length}`);
    for (const found of looks) assert.ok(wholes.includes(found), found);
    for (let nth = 1; nth < 30; nth++) {
      // Writers hold a lock, so that one comes after the other.
      let writing: Promise<void> = Promise.resolve();
      const write = (model: Contents): Promise<void> => {
        writing = writing.then(() => writeGeneration(place.store, model, {}));
        return writing;
      };
      const slow = watched(place.store, async (count) => {
        if (count === nth) await write(nth % 2 === 0 ? next : old);
        if (count === nth + 3) await write(third);
      });
      const found = JSON.stringify(await seen(slow));
      assert.ok([...wholes, JSON.stringify(third)].includes(found), found);
    }
  });
}

test("what a former generation left is removed only while it is what was written", async () => {
  const disk = new Map<string, Uint8Array>();
  const store = memoryStore(disk);
  await writeGeneration(store, old, {});
  disk.set("state.safetensors", new TextEncoder().encode("changed by its user"));
  await writeGeneration(store, bare, {});
  assert.ok(disk.has("state.safetensors"));
  assert.ok(!disk.has("history.jsonl"));
});

test("what is unchanged is not written again, but what is damaged is", async () => {
  const disk = new Map<string, Uint8Array>();
  const store = memoryStore(disk);
  await writeGeneration(store, old, {});
  const written: string[] = [];
  const listening = {
    ...store,
    write(name: string, bytes: Uint8Array) {
      written.push(name);
      return store.write(name, bytes);
    },
  };
  await writeGeneration(listening, { ...old, "history.jsonl": "longer" }, {});
  assert.deepEqual(
    written.map((name) => name.replace(/^\.(.*)\.\w+\.pending$/, "$1")),
    ["history.jsonl", manifestName],
  );
  disk.get("weights.safetensors")![0] ^= 1;
  await assert.rejects(readSnapshot(store, names), /weights\.safetensors is damaged/);
  await writeGeneration(store, old, {});
  assert.deepEqual(await seen(store), old);
});
