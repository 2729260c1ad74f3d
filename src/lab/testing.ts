// What tests of exhibits ask of a report: the numbers in its parts.
import assert from "node:assert/strict";
import type { Cell, Part } from "./parts.ts";
import type { GivenValues, Lab } from "./run.ts";

/** The rows of the n-th table. */
export const tablesOf =
  (lab: () => Lab) =>
  async (id: string, place = 0, given: GivenValues = {}): Promise<readonly (readonly Cell[])[]> => {
    const { parts } = await lab().run(id, given);
    return parts.filter((part): part is Extract<Part, { kind: "table" }> => part.kind === "table")[place].rows;
  };

/** The number of a name. */
export const numbersOf =
  (lab: () => Lab) =>
  async (id: string, name: string, given: GivenValues = {}): Promise<Cell> => {
    const { parts } = await lab().run(id, given);
    return parts.flatMap((part) => (part.kind === "numbers" ? part.rows : [])).find((row) => row.name === name)!.value;
  };

export const near = (value: Cell, wanted: number, digits: number): void => {
  const number = Number(value);
  assert.ok(Math.abs(number - wanted) <= 0.5001 * 10 ** -digits, `${number} is not ${wanted}`);
};
