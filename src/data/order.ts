// Which pictures an epoch gives out, and in which order: a pure function of (seed, epoch).
import { Random } from "../base/random.ts";

/** The pictures of an epoch by their places in the set. */
export interface Order {
  readonly indices: Int32Array;
  /** How often each came before in this epoch; absent where each comes once. */
  readonly again?: Int32Array;
}

export type OrderOf = (epoch: number) => Order;

/** As they stand. */
export const asTheyStand = (count: number): OrderOf => {
  const indices = Int32Array.from({ length: count }, (_, i) => i);
  return () => ({ indices });
};

/** Each once, in a new order in every epoch. */
export const shuffled = (seed: number, count: number): OrderOf =>
  remembered((epoch) => ({ indices: new Random(seed, `data/shuffle/${epoch}`).permutation(count) }));

/**
 * As many as there are, drawn with replacement so that every class comes as often as every other, and every picture of a class
 * as often as the others: PyTorch's WeightedRandomSampler with one over the pictures of its class as each one's weight.
 */
export function balancedOrder(seed: number, labels: Int32Array): OrderOf {
  const members = new Map<number, number[]>();
  for (const [i, label] of labels.entries()) {
    const found = members.get(label);
    if (found) found.push(i);
    else members.set(label, [i]);
  }
  const classes = [...members.keys()].sort((a, b) => a - b).map((label) => members.get(label)!);
  return remembered((epoch) => {
    const random = new Random(seed, `data/balanced/${epoch}`);
    const seen = new Int32Array(labels.length);
    const again = new Int32Array(labels.length);
    const indices = Int32Array.from(labels, (_, i) => {
      const own = classes[random.below(classes.length)];
      const place = own[random.below(own.length)];
      again[i] = seen[place]++;
      return place;
    });
    return { indices, again };
  });
}

/** Two are remembered, for where one ends the next is begun ahead. */
function remembered(make: OrderOf): OrderOf {
  const known = new Map<number, Order>();
  return (epoch) => {
    const order = known.get(epoch) ?? make(epoch);
    if (!known.has(epoch) && known.size > 1) known.delete(known.keys().next().value!);
    known.set(epoch, order);
    return order;
  };
}
