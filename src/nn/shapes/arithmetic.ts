// Whole numbers that the compiler computes with: literal types of at least 0, by their decimal digits, so that the work grows
// with the number of digits and not with the number. What is not a literal, or needs more than nine digits, is `number`.
//
// A number is a string of digits, the last one first ("28" is "82"), so that carries go to the right; `Units` of a digit is a
// tuple of that length, whose length adds and whose pattern subtracts.

interface Units {
  "0": [];
  "1": [0];
  "2": [0, 0];
  "3": [0, 0, 0];
  "4": [0, 0, 0, 0];
  "5": [0, 0, 0, 0, 0];
  "6": [0, 0, 0, 0, 0, 0];
  "7": [0, 0, 0, 0, 0, 0, 0];
  "8": [0, 0, 0, 0, 0, 0, 0, 0];
  "9": [0, 0, 0, 0, 0, 0, 0, 0, 0];
}
type Ten = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
type Few = readonly 0[];

/** Whether a type is one whole number of at least 0, of at most nine digits. */
export type IsLiteral<N> = [N] extends [number]
  ? number extends N
    ? false
    : IsUnion<N> extends true
      ? false
      : `${N & number}` extends `-${string}` | `${string}.${string}` | `${string}e${string}`
        ? false
        : `${N & number}` extends `${infer _0}${infer _1}${infer _2}${infer _3}${infer _4}${infer _5}${infer _6}${infer _7}${infer _8}${infer _9}${string}`
          ? false
          : true
  : false;

type IsUnion<T, U = T> = [T] extends [never] ? true : T extends T ? ([U] extends [T] ? false : true) : never;

/** Whether all of a list are such numbers. */
export type AllLiteral<L extends readonly unknown[]> = L extends readonly [infer N, ...infer Rest]
  ? IsLiteral<N> extends true
    ? AllLiteral<Rest>
    : false
  : true;

type Reverse<S extends string, R extends string = ""> = S extends `${infer First}${infer Rest}`
  ? Reverse<Rest, `${First}${R}`>
  : R;
type Trim<S extends string> = S extends `0${infer Rest}`
  ? Rest extends ""
    ? "0"
    : Trim<Rest>
  : S extends ""
    ? "0"
    : S;
type Digits<N extends number> = Reverse<`${N}`>;
type Value<S extends string> = Trim<Reverse<S>> extends `${infer N extends number}` ? N : number;

/** The length of a tuple below 100 as its last digit and the number of tens. */
type Split<T extends Few> = `${T["length"]}` extends `${infer Tens}${infer Last}`
  ? Last extends ""
    ? [Tens, "0"]
    : [Last, Tens]
  : [`${T["length"]}`, "0"];

type AddDigits<A extends string, B extends string, Carry extends string = "0", R extends string = ""> = [A, B] extends [
  "",
  "",
]
  ? Carry extends "0"
    ? R
    : `${R}${Carry}`
  : Split<[...UnitsOf<First<A>>, ...UnitsOf<First<B>>, ...UnitsOf<Carry>]> extends [
        infer Last extends string,
        infer Next extends string,
      ]
    ? AddDigits<Rest<A>, Rest<B>, Next, `${R}${Last}`>
    : never;

type First<S extends string> = S extends `${infer D}${string}` ? D : "0";
type Rest<S extends string> = S extends `${infer _}${infer R}` ? R : "";
/** The constraint of what is inferred stays small, so that the compiler never spells out all combinations of digits. */
type UnitsOf<D extends string> = Units[D & keyof Units] extends infer U extends Few ? U : never;

/** Digits of A − B, or undefined where that is below 0. */
type SubtractDigits<A extends string, B extends string, Borrow extends string = "0", R extends string = ""> = [
  A,
  B,
] extends ["", ""]
  ? Borrow extends "0"
    ? R
    : undefined
  : UnitsOf<First<A>> extends [...UnitsOf<First<B>>, ...UnitsOf<Borrow>, ...infer Left extends Few]
    ? SubtractDigits<Rest<A>, Rest<B>, "0", `${R}${Left["length"]}`>
    : [...Ten, ...UnitsOf<First<A>>] extends [...UnitsOf<First<B>>, ...UnitsOf<Borrow>, ...infer Left extends Few]
      ? SubtractDigits<Rest<A>, Rest<B>, "1", `${R}${Left["length"]}`>
      : never;

/** A digit times a number, by repeated units: at most 9 · 9 + 8. */
type TimesDigit<A extends string, D extends string, Carry extends string = "0", R extends string = ""> = A extends ""
  ? Carry extends "0"
    ? R
    : `${R}${Carry}`
  : Split<[...Repeat<UnitsOf<First<A>>, D>, ...UnitsOf<Carry>]> extends [
        infer Last extends string,
        infer Next extends string,
      ]
    ? TimesDigit<Rest<A>, D, Next, `${R}${Last}`>
    : never;

type Repeat<U extends Few, D extends string> = Repeats<U>[D & keyof Repeats<U>] extends infer R extends Few ? R : never;
interface Repeats<U extends Few> {
  "0": [];
  "1": [...U];
  "2": [...U, ...U];
  "3": [...U, ...U, ...U];
  "4": [...U, ...U, ...U, ...U];
  "5": [...U, ...U, ...U, ...U, ...U];
  "6": [...U, ...U, ...U, ...U, ...U, ...U];
  "7": [...U, ...U, ...U, ...U, ...U, ...U, ...U];
  "8": [...U, ...U, ...U, ...U, ...U, ...U, ...U, ...U];
  "9": [...U, ...U, ...U, ...U, ...U, ...U, ...U, ...U, ...U];
}

type MultiplyDigits<A extends string, B extends string, Shift extends string = "", R extends string = ""> = B extends ""
  ? R
  : MultiplyDigits<A, Rest<B>, `${Shift}0`, AddDigits<R, `${Shift}${TimesDigit<A, First<B>>}`>>;

/**
 * Long division: digits from the front (S as it is written), the remainder as units. The divisor is below 100, so that what
 * is divided in each step is below 1,000 units.
 */
type DivideDigits<
  S extends string,
  By extends Few,
  Left extends Few = [],
  Q extends string = "",
> = S extends `${infer D}${infer Further}`
  ? Take<[...Repeat<Left, "5">, ...Repeat<Left, "5">, ...UnitsOf<D>], By> extends [
      infer Times extends string,
      infer Remains extends Few,
    ]
    ? DivideDigits<Further, By, Remains, `${Q}${Times}`>
    : never
  : [Q, Left];

/** How often By goes into a number (at most 9 times), and what is left. */
type Take<T extends Few, By extends Few, Times extends Few = []> = T extends readonly [...By, ...infer Left extends Few]
  ? Take<Left, By, [...Times, 0]>
  : [`${Times["length"]}`, T];

/** A tuple of N places, N below 100. */
type Places<N extends number> = `${N}` extends `${infer Tens}${infer Last}`
  ? Last extends ""
    ? UnitsOf<Tens>
    : [...Repeat<Ten, Tens>, ...UnitsOf<Last>]
  : never;

/** A + B. */
export type Add<A extends number, B extends number> =
  AllLiteral<[A, B]> extends true ? Value<AddDigits<Digits<A>, Digits<B>>> : number;

/** A − B, undefined where that is below 0, `number` where one of them is not a literal. */
export type Subtract<A extends number, B extends number> =
  AllLiteral<[A, B]> extends true
    ? SubtractDigits<Digits<A>, Digits<B>> extends infer S
      ? S extends string
        ? Value<S>
        : undefined
      : never
    : number;

/** A · B. */
export type Multiply<A extends number, B extends number> =
  AllLiteral<[A, B]> extends true ? Value<MultiplyDigits<Digits<A>, Digits<B>>> : number;

/** [⌊A / B⌋, A mod B] for B of 1 to 99. */
export type Divide<A extends number, B extends number> =
  AllLiteral<[A, B]> extends true
    ? IsDivisor<`${B}`> extends false
      ? [number, number]
      : DivideDigits<`${A}`, Places<B>> extends [infer Q extends string, infer Left extends Few]
        ? [Trim<Q> extends `${infer N extends number}` ? N : number, Left["length"]]
        : [number, number]
    : [number, number];

/** The product of a list. */
export type Product<L extends readonly number[], R extends number = 1> = L extends readonly [
  infer N extends number,
  ...infer Further extends readonly number[],
]
  ? Product<Further, Multiply<R, N>>
  : number extends L["length"]
    ? number
    : R;

type IsDivisor<S extends string> = S extends "0" | `${infer _0}${infer _1}${infer _2}${infer _3}` ? false : true;
