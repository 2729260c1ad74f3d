// Does a picture keep its class when it is mirrored or turned? Asked of the pictures themselves: a linear classifier of outlines
// learns from them as they are, and another from them and their changed copies, as augmentation would have it. Where the second
// tells held-back pictures clearly worse, classes differ by left and right (up and down, upright and lying).
import { type ClassSet, picturesAt } from "./images.ts";
import { onGrid } from "./outlines.ts";
import { fitLines, tell } from "./ridge.ts";

/** A change of a square grid that keeps it square. */
export type Change = "mirrored" | "upsideDown" | "turned";

/** What became of a change. */
export interface Symmetry {
  /** Held-back pictures that were told right after learning from pictures as they are. */
  readonly plain: number;
  /** The same after learning from changed copies too. */
  readonly changed: number;
  /** How many were asked. */
  readonly asked: number;
  /** Nothing is lost by learning from changed copies. */
  readonly kept: boolean;
  /** Outlines tell the classes at all: otherwise `kept` says nothing. */
  readonly known: boolean;
}

/** Pictures looked at, at most: enough to see a difference of a tenth. */
const most = 480;
const folds = 4;
/** A loss of fewer than this share of the pictures is no reason. */
const slight = 0.02;

/**
 * Whether classes are kept by mirroring, by turning upside down and by a quarter turn. A loss counts where it is more than
 * slight, and more than two standard deviations of a sign test. No chance is in it: the same pictures give the same answer.
 */
export async function symmetries(set: ClassSet): Promise<Readonly<Record<Change, Symmetry>>> {
  const { classes, labels } = set;
  const places = spread(labels, classes.length);
  const stored = await picturesAt(set.images, places);
  const known = places.map((place) => labels[place]);
  const plain = onGrid(stored, "plain");
  const alone = toldRight([plain], known, classes.length);
  const asked = places.length;
  const total = (of: Uint8Array): number => of.reduce((sum, one) => sum + one, 0);
  const chance = Math.max(...classes.map((_, c) => known.filter((label) => label === c).length)) / asked;
  const told = total(alone) - chance * asked > 3 * Math.sqrt(chance * (1 - chance) * asked);
  const symmetry = (change: Change): Symmetry => {
    const both = toldRight([plain, onGrid(stored, change)], known, classes.length);
    const lost = alone.filter((right, i) => right > both[i]).length;
    const won = alone.filter((right, i) => right < both[i]).length;
    const kept = lost - won <= Math.max(slight * asked, 2 * Math.sqrt(lost + won));
    return { plain: total(alone), changed: total(both), asked, kept, known: told };
  };
  return { mirrored: symmetry("mirrored"), upsideDown: symmetry("upsideDown"), turned: symmetry("turned") };
}

/** Which of the first rows are told right by lines that were fitted to all rows of the other folds. */
function toldRight(rows: readonly Float64Array[], labels: readonly number[], classes: number): Uint8Array {
  const right = new Uint8Array(labels.length);
  for (let fold = 0; fold < folds; fold++) {
    const lines = fitLines(rows, labels, classes, (i) => i % folds !== fold);
    for (let i = fold; i < labels.length; i += folds) right[i] = tell(lines, rows[0], i) === labels[i] ? 1 : 0;
  }
  return right;
}

/** Places of about equally many pictures a class, spread over the set; neighbours fall into different folds. */
function spread(labels: Int32Array, classes: number): number[] {
  const each = Math.max(folds, Math.floor(most / classes));
  const found: number[] = [];
  for (let c = 0; c < classes && found.length < most; c++) {
    const members = Array.from(labels.keys()).filter((i) => labels[i] === c);
    const step = Math.max(1, members.length / each);
    for (let at = 0; at < members.length; at += step) found.push(members[Math.floor(at)]);
  }
  return found;
}
