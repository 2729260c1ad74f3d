import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "./random.ts";
import {
  cellsAlong,
  placesAlong,
  reachOf,
  samePadding,
  seenAmong,
  sightBack,
  sightOf,
  slideAlong,
  splitPadding,
  tapCells,
  tapsWithPadding,
  unclippedAlong,
} from "./window.ts";

const upTo = (count: number): number[] => Array.from({ length: Math.max(0, count) }, (_, i) => i);

// Windows of all manners along one axis, each counted by walking over its taps one by one.
const random = new Random(7);
const draw = (least: number, most: number): number => least + random.below(most - least + 1);
const axes = upTo(400).flatMap(() => {
  const [cells, kernel] = [draw(1, 14), draw(1, 5)];
  const slide = { stride: draw(1, 4), dilation: draw(1, 3), padBefore: draw(0, 4), padAfter: draw(0, 4) };
  const places = placesAlong(cells, kernel, slide);
  return places > 0 ? [{ cells, kernel, slide, places }] : [];
});
const cellOf = (place: number, tap: number, { stride, dilation, padBefore }: (typeof axes)[number]["slide"]): number =>
  place * stride + tap * dilation - padBefore;

test("the places of a window are those from which its last tap still lies in input or padding", () => {
  assert.ok(axes.length > 200);
  for (const { cells, kernel, slide, places } of axes) {
    const fits = (place: number): boolean => cellOf(place, kernel - 1, slide) < cells + slide.padAfter;
    assert.ok(fits(places - 1) && !fits(places));
    // In ceil mode one more, if cells are left for it, but none at the end that begins behind the input.
    const ends = cellOf(places - 1, kernel - 1, slide) === cells + slide.padAfter - 1;
    const most = ends ? places : places + 1;
    const begins = cellOf(most - 1, 0, slide) < cells;
    assert.equal(placesAlong(cells, kernel, slide, true), begins ? most : most - 1);
    assert.equal(placesAlong(cellsAlong(places, kernel, slide), kernel, slide), places);
    assert.ok(cellsAlong(places, kernel, slide) <= cells && cellsAlong(places + 1, kernel, slide) > cells);
  }
});

test("same padding gives ceil(cells / stride) places and is the least that does", () => {
  for (const { cells, kernel, slide } of axes) {
    const total = samePadding(cells, kernel, slide.stride, slide.dilation);
    const [before, after] = splitPadding(total);
    const wanted = Math.ceil(cells / slide.stride);
    const found = (padBefore: number, padAfter: number): number =>
      placesAlong(cells, kernel, { ...slide, padBefore, padAfter });
    assert.ok(after - before === total % 2 && before + after === total);
    assert.deepEqual(splitPadding(total, true), [after, before]);
    if (total > 0) assert.ok(found(before, after) === wanted && found(total - 1, 0) < wanted);
    else assert.ok(found(0, 0) >= wanted || cells < reachOf(kernel, slide.dilation));
  }
});

test("taps that see the input, and places that no border clips, are those found one by one", () => {
  for (const { cells, kernel, slide, places } of axes) {
    const inside = (place: number, tap: number): boolean =>
      cellOf(place, tap, slide) >= 0 && cellOf(place, tap, slide) < cells;
    for (const place of upTo(places)) {
      const { first, count } = seenAmong(kernel, cellOf(place, 0, slide), slide.dilation, cells);
      assert.deepEqual(
        upTo(count).map((i) => first + i),
        upTo(kernel).filter((tap) => inside(place, tap)),
      );
    }
    const { first, count } = unclippedAlong(cells, places, kernel, slide);
    assert.deepEqual(
      upTo(count).map((i) => first + i),
      upTo(places).filter((place) => upTo(kernel).every((tap) => inside(place, tap))),
    );
  }
});

test("cells and divisors of a window over a map are the products of its axes", () => {
  for (let i = 0; i + 1 < axes.length; i += 2) {
    const two = [axes[i], axes[i + 1]];
    const window = {
      input: two.map(({ cells }) => cells),
      output: two.map(({ places }) => places),
      kernel: two.map(({ kernel }) => kernel),
      stride: two.map(({ slide }) => slide.stride),
      dilation: two.map(({ slide }) => slide.dilation),
      padBefore: two.map(({ slide }) => slide.padBefore),
      padAfter: two.map(({ slide }) => slide.padAfter),
    };
    assert.deepEqual(slideAlong(window, 1), two[1].slide);
    const [rows, columns] = two.map(({ places, kernel, cells, slide }) =>
      upTo(places).map((place) =>
        upTo(kernel).map((tap) => {
          const at = cellOf(place, tap, slide);
          return { cell: at >= 0 && at < cells ? at : -1, counted: at < cells + slide.padAfter };
        }),
      ),
    );
    const pairs = rows.flatMap((up) =>
      columns.map((across) => up.flatMap((r) => across.map((s) => ({ r, s, both: r.cell >= 0 && s.cell >= 0 })))),
    );
    assert.deepEqual(
      [...tapCells(window)],
      pairs.flat().map(({ r, s, both }) => (both ? r.cell * window.input[1] + s.cell : -1)),
    );
    assert.deepEqual(
      tapsWithPadding(window),
      pairs.map((taps) => taps.filter(({ r, s }) => r.counted && s.counted).length),
    );
  }
});

test("what a place sees, and from where a cell is seen, name the first and the last tap", () => {
  for (const { kernel, slide, places } of axes) {
    const { stride, dilation, padBefore } = slide;
    const along = { stride: [stride], dilation: [dilation], padBefore: [padBefore] };
    const [sight] = sightOf([kernel], along);
    const [back] = sightBack([kernel], along);
    for (const place of upTo(places)) {
      const seen = [cellOf(place, 0, slide), cellOf(place, kernel - 1, slide)];
      assert.deepEqual([place * sight.step + sight.low, place * sight.step + sight.high], seen);
      assert.ok(Math.abs(seen[0] * back.step + back.high - place) < 1e-9);
      assert.ok(Math.abs(seen[1] * back.step + back.low - place) < 1e-9);
    }
    assert.ok(sight.every === dilation && Math.abs(back.every - dilation / stride) < 1e-12);
  }
});
