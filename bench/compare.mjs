// Whether something became slower than noise allows: `npm run bench -- --compare`, or for two files of results
//   node bench/compare.mjs bench/results/latest.json other.json
// Every row keeps its rounds, in which all contenders ran in turn. Where the same peers ran both times, the ratio to each peer is
// compared round by round, for a slow machine slows the peers as well; without peers, the time itself. A change is named when a rank
// test (Mann and Whitney) of the rounds would give it by chance in less than one of a hundred cases, and it is more than three percent.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const byChance = 0.01;
const least = 0.03;

const sorted = (list) => [...list].sort((a, b) => a - b);
/** Between the two middle ones where their number is even. */
export function median(list) {
  const ordered = sorted(list);
  const half = ordered.length / 2;
  return (ordered[Math.ceil(half) - 1] + ordered[Math.floor(half)]) / 2;
}

/** How many of all ways to deal the ranks give `b` a sum of wins over `a` as high as it has: the exact test, for a few rounds. */
export function chance(a, b) {
  let wins = 0;
  for (const y of b) for (const x of a) wins += y > x ? 1 : y === x ? 0.5 : 0;
  // ways[j][u]: how many orders of i numbers of a and j of b have u wins of b over a.
  const [n, m] = [a.length, b.length];
  let ways = Array.from({ length: m + 1 }, () => [1]);
  for (let i = 1; i <= n; i++) {
    const next = [[1]];
    for (let j = 1; j <= m; j++) {
      // The largest is one of b, which wins over all i of a, or one of a.
      const counts = new Array(i * j + 1).fill(0);
      next[j - 1].forEach((count, u) => {
        counts[u + i] += count;
      });
      ways[j].forEach((count, u) => {
        counts[u] += count;
      });
      next.push(counts);
    }
    ways = next;
  }
  const all = ways[m].reduce((sum, count) => sum + count, 0);
  return ways[m].reduce((sum, count, u) => sum + (u >= wins ? count : 0), 0) / all;
}

/** By how much the second list is larger, and whether the spread of both could give that by chance. */
export function moved(before, after) {
  const change = median(after) / median(before) - 1;
  return { change, slower: change > least && chance(before, after) < byChance };
}

const keyOf = ({ workload, threads, contender }) => `${workload} · ${threads} · ${contender}`;
const isOwn = ({ contender }) => contender.startsWith("neocog");

/** What became slower, a sentence each, and what cannot be told. */
export function compare(before, after) {
  const old = new Map(before.rows.map((row) => [keyOf(row), row]));
  const slower = [];
  const untold = [];
  for (const row of after.rows.filter((one) => isOwn(one) && one.times)) {
    const was = old.get(keyOf(row));
    if (!was) continue;
    const name = `${row.workload}, ${row.threads} ${row.threads === 1 ? "thread" : "threads"}, ${row.contender}`;
    if (!was.times) {
      untold.push(`${name}: the stored results hold no rounds; store them anew with npm run bench.`);
      continue;
    }
    const peers = after.rows.filter(
      (one) =>
        !isOwn(one) &&
        one.workload === row.workload &&
        one.threads === row.threads &&
        one.times &&
        old.get(keyOf(one))?.times,
    );
    const ratio = (own, peer) => own.times.map((ms, round) => ms / peer.times[round]);
    const found = peers.map((peer) => moved(ratio(was, old.get(keyOf(peer))), ratio(row, peer)));
    const time = moved(was.times, row.times);
    // A peer may have become faster by itself: more than half of them must agree.
    const isSlower = peers.length > 0 ? found.filter((one) => one.slower).length * 2 > found.length : time.slower;
    if (!isSlower) continue;
    const change = peers.length > 0 ? median(found.map((one) => one.change)) : time.change;
    const beside = peers.length > 0 ? `beside ${peers.map((peer) => peer.contender).join(", ")}` : "by the clock";
    slower.push(
      `${name}: ${(100 * change).toFixed(1)} % slower ${beside} (${median(row.times).toFixed(2)} ms, was ${median(was.times).toFixed(2)}).`,
    );
  }
  return { slower, untold };
}

/** Prints what `compare` says; gives the exit code. */
export function tell(before, after) {
  const { slower, untold } = compare(before, after);
  for (const sentence of untold) console.log(sentence);
  for (const sentence of slower) console.error(sentence);
  if (slower.length === 0 && untold.length === 0) console.log("Nothing became slower beyond noise.");
  return slower.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [before, after] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, "utf8")));
  if (!after) throw new Error("Give two files of results: node bench/compare.mjs <before> <after>.");
  process.exitCode = tell(before, after);
}
