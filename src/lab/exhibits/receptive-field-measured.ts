// The computed receptive field is where the gradient is not zero.
import { type Runs, unitReaches } from "../../analyze/reach.ts";
import { receptiveFields, unitSees } from "../../analyze/receptive.ts";
import { build } from "../../nn/build.ts";
import { createModel } from "../../nn/models/list.ts";
import { choice, exhibit, whole } from "../exhibit.ts";
import { energyOf, measureField, supportOf } from "../measure/field.ts";
import { type Cell, type Check, holds, pictures, table } from "../parts.ts";

export const receptiveFieldMeasured = exhibit({
  id: "receptive-field-measured",
  title: "Computed and measured receptive field",
  group: "Receptive field",
  claim:
    "The computed receptive field is where the gradient of a unit with respect to the picture is not zero, and it may be larger than the picture.",
  formula: "∂ unit / ∂ x[i] ≠ 0   ⇔   i lies in the receptive field (every gate open)",
  parameters: {
    network: choice(
      "lenet",
      ["lenet", "alexnet-book", "vgg11-book", "nin", "googlenet-book", "resnet18-book", "densenet-book"],
      "built-in network",
    ),
    size: whole(0, 0, 256, "side of the picture; 0 for the network's own"),
    layers: whole(4, 1, 30, "last layers with a map that are measured"),
  },
  tryThis: [
    "`--network resnet18-book`: every unit of the last maps sees the whole picture and padding around it.",
    "Inside the picture, cells that a stride leaves unread fall away as well: look at the last unit of `--network alexnet-book`.",
    "Weights average and max pooling averages here, so that every path lets something through; a real max pooling lets one place through at a time.",
  ],
  source: "Araujo, Norris & Sim 2019; Luo et al. 2016 (1701.04128)",
  async run({ network, size: wanted, layers }, { direct, progress }) {
    const { layer, inputShape } = createModel(network);
    const size = wanted || inputShape[1];
    const shape = [1, inputShape[0], size, size];
    const built = build(layer, shape);
    const maps = built.layers.filter(
      ({ output, layer: own }) => own.children.length === 0 && output.shape.length === 4 && own.type.name !== "Flatten",
    );
    const distinct = maps.filter(({ output }, i) => maps.findIndex((other) => other.output === output) === i);
    const shown = distinct.slice(-layers);
    const fields = receptiveFields(
      built.input,
      shown.map(({ output }) => output),
    );
    const rows: Cell[][] = [];
    const checks: Check[] = [];
    let last = undefined as Awaited<ReturnType<typeof measureField>>[number] | undefined;
    for (const [i, record] of shown.entries()) {
      progress(i, shown.length, record.path);
      const field = fields[i]!;
      const [, , height, width] = record.output.shape;
      const units = [
        [0, 0],
        [height >> 1, width >> 1],
        [height - 1, width - 1],
      ] as const;
      const found = await measureField(direct, built.input, record.output, units);
      last = found[1];
      units.forEach((unit, at) => {
        const box = supportOf(found[at]);
        const reached = unitReaches(built.input, record.output, unit);
        const seen = unitSees(field[0], unit[0]);
        const measured = box ? `${box.top}-${box.bottom} x ${box.left}-${box.right}` : "nothing";
        const computed = reached?.map(hullWords).join(" x ") ?? "nothing";
        const name = `${record.path} [${unit.join(", ")}]`;
        rows.push([name, seen.join(" to "), computed, measured]);
        checks.push({
          says: `${name}: measured = computed`,
          found: measured,
          wanted: computed,
          holds: measured === computed,
        });
      });
    }
    return {
      parts: [
        table(["unit", "sees rows", "inside (rows x columns)", "measured"], rows),
        pictures({ "gradient of the middle unit": last!, "its energy": energyOf(last!) }, { separate: true }),
        table(
          ["layer", "size", "step", "padding", "centres agree"],
          shown.map(({ path }, i) => {
            const axis = fields[i]![1];
            return [path, axis.size, axis.step, axis.padding, axis.aligned ? "yes" : "no, the largest path is told"];
          }),
        ),
      ],
      checks: [...checks, holds("something was measured", checks.length > 0)],
    };
  },
});

/** First and last place. */
const hullWords = (runs: Runs): string => `${runs[0][0]}-${runs[runs.length - 1][1]}`;
