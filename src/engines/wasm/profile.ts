// The machine profile: what strategies take, in numbers that were measured. Every `estimate` is made of these and of what a plan
// counts. `npm run fit-estimates` measures anew and refits what contractions take (docs/wasm.md says how).
//
//   rates        operations a nanosecond: products and sums of two numbers, GFLOP/s
//   arithmetic   nanoseconds that the multipliers take; of a vector where nothing else is said
//   memory       nanoseconds of a number that is loaded, stored or moved
//   calls        nanoseconds of beginning something: a call, a loop, a tile
//   factors      times what, where something is harder or easier than usual
//   sizes        where a cache ends or a pipeline fills: bounds between two ways of counting, which no fit moves
//
// One core of a 2.5 GHz Xeon, 128-bit vectors with fused multiply-add, Node 20; 256 bits ("wide") Node 24.

type Numbers = Readonly<Record<string, number>>;
export type Kind = "rates" | "arithmetic" | "memory" | "calls" | "factors" | "sizes";
type Family = { readonly [K in Kind]?: Numbers };

export const profile = {
  /** A factor of weights brought side by side (contract/packing.ts). */
  packing: { memory: { element: 0.6 } },
  /** Planes padded and split by the stride (contract/staging.ts). */
  staging: { memory: { element: 0.3 } },
  /** contract.gemm. */
  gemm: {
    rates: { operations: 58, wideOperations: 112 },
    memory: {
      /** An element of b packed while it is read; from lines side by side, from lines that lie so in part, and from any. */
      readPacking: 0.055,
      evenPacking: 0.1,
      adjacentPacking: 0.25,
      scatteredPacking: 0.35,
      /** A sum stored from registers, each operand of the epilogue that is read like it, and a sum stored anyhow. */
      store: 0.085,
      operand: 0.05,
      anyStore: 0.6,
      /** A sum kept in memory between slices of the depth. */
      slicedStore: 0.1,
    },
    calls: {
      /** A panel of a with the panels of b of an item. */
      panel: 10,
      /** A phase of its own. */
      phase: 6000,
    },
    factors: {
      /** Of a row in a short panel, above a row in a full one. */
      shortRow: 0.06,
      /** Of a store where outputs lie apart, and of one with 256-bit arithmetic. */
      apartStore: 3,
      wideStore: 0.65,
      /** Columns that a tail takes as long as. */
      tailColumns: 2,
    },
  },
  /** contract.matvec. */
  matvec: {
    arithmetic: {
      /** Of a row, for a weight. */
      row: 0.03,
    },
    memory: { weight: 0.12 },
    calls: {
      /** An output, of all rows. */
      output: 4,
    },
  },
  /** contract.depthwise. */
  depthwise: {
    arithmetic: {
      /** Strips: a tap of a vector of outputs, and such a vector itself. */
      tap: 0.16,
      vector: 0.2,
      /** Tiles: a tap, and each of its vectors. */
      tileTap: 0.3,
      tileVector: 0.19,
    },
    memory: {
      /** An element of a plane that is padded; of one that leaves the nearest cache. */
      plane: 0.1,
      farPlane: 0.15,
      /** A vector stored to places apart, beyond storing it. */
      apartStore: 0.5,
      /** A vector of a tile stored, side by side and apart. */
      tileStore: 0.4,
      apartTileStore: 1.6,
    },
    calls: { part: 8, tile: 1 },
    factors: {
      /** A vector of strips with 256-bit arithmetic. */
      wide: 0.55,
    },
    sizes: {
      /** Elements of a plane that the nearest cache holds. */
      nearPlane: 8192,
      /** Outputs of a row for 256-bit arithmetic. */
      wideRow: 8,
    },
  },
  /** contract.images. */
  images: {
    arithmetic: {
      /** A step of the depth, and each of its products. */
      step: 0.02,
      product: 0.14,
      wideProduct: 0.08,
    },
    memory: {
      /** An element of the weights packed. */
      pack: 1,
      /** A number brought beside its like of other images; more, for each doubling of the distance, where they lie far apart. */
      gather: 0.15,
      apartGather: 0.1,
      /** A sum stored; of outputs that leave the second cache. */
      store: 0.15,
      farStore: 0.3,
    },
    calls: {
      /** A run of taps, of tiles for 256-bit arithmetic and for each of their products; a place. */
      run: 0.9,
      wideRun: 1,
      wideRunProduct: 0.15,
      place: 5,
    },
    factors: {
      /** Slower for each doubling of the window beyond the nearest cache. */
      far: 0.08,
    },
    sizes: {
      /** Products of a step that fill the multipliers; bytes of a window; numbers of a place; outputs that the second cache holds. */
      leastProducts: 8,
      nearWindow: 12_000,
      nearPlace: 64,
      nearOutputs: 1_000_000,
    },
  },
  /** contract.images.filter. */
  imagesFilter: {
    arithmetic: {
      /** A place, and each product of a tile: of four images and of eight. */
      step: 0.02,
      product: 0.14,
      wideProduct: 0.17,
    },
    memory: {
      gather: 0.16,
      /** A share of a sum, and the sum itself. */
      share: 0.5,
      sum: 3,
    },
    calls: { row: 1, tile: 5 },
    factors: { far: 0.1 },
    sizes: { leastProducts: 8, nearBytes: 48_000 },
  },
  /** contract.direct. */
  direct: {
    arithmetic: { step: 0.11, product: 0.138 },
    memory: {
      /** A vector of outputs stored. */
      store: 0.5,
    },
    calls: { panel: 6, tile: 5 },
    factors: {
      /** Of a step: loads and multiply-adds share the ports. */
      ports: 1.12,
      /** Slower for each doubling of a depth that walks over more planes than the nearest cache holds. */
      far: 0.05,
    },
    sizes: { leastProducts: 8, nearDepth: 128 },
  },
  /** contract.row. */
  row: {
    arithmetic: {
      step: 0.02,
      product: 0.138,
      /** A step whose place stands in a table. */
      lookUp: 0.03,
    },
    calls: { panel: 2.2, tile: 6 },
    factors: { far: 0.05 },
    sizes: { leastProducts: 8, nearDepth: 32 },
  },
  /** contract.dot. */
  dot: {
    arithmetic: { step: 0.15, product: 0.15 },
    memory: {
      /** A share of a sum added. */
      share: 2,
    },
    calls: { tile: 14 },
    sizes: { leastProducts: 8 },
  },
  /** contract.winograd. */
  winograd: {
    rates: { operations: 54, wideOperations: 90 },
    arithmetic: {
      /** A number that a transform reads or writes, of patches and of outputs. */
      patch: 0.175,
      output: 0.21,
    },
    memory: {
      /** A byte of transformed filters. */
      filter: 0.19,
      /** A byte of them that no cache holds, read again. */
      far: 0.01,
      wideFar: 0.027,
    },
    factors: {
      /** Steps of the depth that beginning a tile takes as long as. */
      beginning: 3,
    },
    sizes: { nearBytes: 1e6 },
  },
  /** contract.winograd.filter. */
  winogradFilter: {
    rates: { operations: 50, wideOperations: 86 },
    arithmetic: {
      /** A number that a transform reads or writes. */
      transform: 0.35,
    },
    memory: {
      /** A share of a sum added and stored. */
      share: 0.3,
    },
  },
  /** map.rows, copy.rows and the ends of reductions. */
  rows: {
    memory: {
      /** A number read or written; one whose neighbours lie apart. */
      number: 0.08,
      scattered: 0.5,
      /** A number moved by a copy. */
      moved: 1,
    },
    calls: {
      /** A row or a piece of one. */
      piece: 6,
      /** A place that is computed in float64. */
      scalar: 2,
    },
    factors: { scalar: 2 },
    sizes: {
      /** Nanoseconds of an element up to which four vectors, and two, are written side by side. */
      unrollFour: 0.5,
      unrollTwo: 6,
    },
  },
  /** reduce.lanes and reduce.scalar. */
  reduce: {
    memory: { number: 0.03, scattered: 0.5, partial: 0.3 },
    calls: { row: 12, scalar: 3, accumulator: 2 },
    factors: { scalar: 4 },
  },
  /** window.rows: an output, and its cells. */
  window: {
    arithmetic: { cell: 0.4, placedCell: 0.6, averagedCell: 1.2 },
    memory: {
      /** An element set to 0; a gradient added where its maximum stood. */
      clear: 0.3,
      add: 2,
    },
    calls: { output: 1 },
  },
  /** window.lanes. */
  windowLanes: { arithmetic: { cell: 0.12 }, calls: { output: 0.4 } },
  /** window.maximum. */
  windowMaximum: {
    arithmetic: { cell: 0.15, gradientCell: 0.2 },
    calls: { output: 0.3, gradient: 0.1 },
  },
  /** index.rows. */
  index: {
    memory: {
      /** Four bytes moved; a number cleared; one added in lanes and alone; one weighed in lanes and alone. */
      word: 0.3,
      clear: 0.1,
      add: 0.4,
      scalarAdd: 3,
      weigh: 0.3,
      scalarWeigh: 2,
    },
    calls: { row: 8, clearedRow: 2 },
  },
  /** Functions of one element in float32 lanes (scalar/demand.ts); those of the host for want of another. */
  functions: {
    arithmetic: {
      exp: 0.8,
      expm1: 0.9,
      log: 1.4,
      log1p: 1.7,
      softplus: 2.6,
      tanh: 1.6,
      sigmoid: 1.1,
      erf: 3.5,
      erfc: 3.7,
      divide: 0.15,
      reciprocal: 0.15,
      sqrt: 0.25,
      modulo: 0.5,
      negate: 0.02,
      abs: 0.02,
      sign: 0.1,
      floor: 0.02,
      ceil: 0.02,
      round: 0.02,
      isNaN: 0.04,
      isFinite: 0.04,
      /** Any other that is an instruction; a power by products and roots. */
      other: 0.03,
      constantPower: 0.6,
      random: 5,
    },
    calls: {
      host: 8,
      /** A general power. */
      power: 32,
    },
  },
} satisfies Readonly<Record<string, Family>>;

export type Profile = typeof profile;
