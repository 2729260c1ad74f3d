// Every command that the program itself prints: the examples of each --help, and what a training suggests to try next.
import assert from "node:assert/strict";
import { test } from "node:test";
import { commands } from "../../cli/commands/list.ts";
import { leave, workplace } from "./fixtures.ts";
import { shell } from "./project.ts";

/** Examples that are not run as they stand, with the reason. */
const notRun: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    commands
      .filter(({ untilStopped }) => untilStopped)
      .flatMap(({ name, examples }) =>
        examples.map(([words]) => [`neocog ${name} ${words}`, "runs until it is stopped: cli/serve.test.ts"]),
      ),
  ),
  "neocog train photos/ --from runs/animals --freeze 'conv1,layer1.*'":
    "runs/animals is a model of one's own: cli/options.test.ts starts from one",
  "neocog lr-find photos/ --from runs/animals --freeze 'conv1,layer1'":
    "runs/animals is a model of one's own: cli/options.test.ts starts from one",
  "neocog train fashion-mnist --epochs 2": "takes minutes, and the data may have to be downloaded",
};

/** What must have happened before an example makes sense. */
const before: Readonly<Record<string, string>> = {
  "neocog train digits": "rm -r runs",
  "neocog train digits --resume":
    "rm -r runs; neocog train digits --epochs 20 & sleep 4; kill -INT $!; wait $! || test $? = 130",
  "neocog eval pets.onnx photos/": "neocog convert runs/pets pets.onnx",
  "neocog doctor pets.onnx --data photos/ --strict": "neocog convert runs/pets pets.onnx",
  "neocog train photos/ --model resnet18 --size 96 --epochs 5": "rm -r runs",
  "neocog train cells/ --task segmentation": "rm -r runs",
  "neocog train digits --task image-to-image --target input": "rm -r runs",
};

for (const { name, examples } of commands) {
  for (const [words] of examples) {
    const line = `neocog ${`${name} ${words}`.trim()}`;
    test(`from --help: ${line}`, { skip: notRun[line] ?? false }, async () => {
      const place = await workplace();
      const earlier = before[line] === undefined ? undefined : shell(before[line], place);
      assert.ok(earlier === undefined || earlier.code === 0, `${before[line]}\n${earlier?.stdout}${earlier?.stderr}`);
      const { code, stdout, stderr } = shell(line, place);
      // A model that is severely wrong ends so where that was asked for.
      assert.ok(code === 0 || (code === 1 && line.endsWith("--strict")), `${stdout}${stderr}`);
      assert.ok(stdout.length > 0);
      leave(place);
    });
  }
}

test("what a training suggests to try next works as it is printed", async () => {
  const place = await workplace();
  const { code, stdout, stderr } = shell("rm -r runs; npx neocog train digits --epochs 2", place);
  assert.equal(code, 0, stderr);
  const lines = suggestions(stdout);
  assert.ok(lines.length >= 4, stdout);
  for (const line of lines) {
    assert.match(line, /^npx neocog /);
    if (line.includes("train fashion-mnist")) continue;
    const real = line.replace("<picture>", "dog.jpg").replace("<folder>", "photos");
    const tried = shell(real, place);
    assert.equal(tried.code, 0, `${line}\n${tried.stdout}${tried.stderr}`);
  }
  leave(place);
});

/** The commands after "Try next:", without what they are for. */
export function suggestions(text: string): string[] {
  const after = text.split("Try next:\n")[1] ?? "";
  return after
    .split("\n")
    .map((line) => line.trim().split(/ {2,}/)[0])
    .filter((line) => line !== "");
}
