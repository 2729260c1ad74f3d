// What is said between a thread that reads and the one that asks.
import type { Answers, Asked, TaskName } from "./tasks.ts";

export type ToReader =
  | { readonly kind: "start"; readonly stop: Int32Array }
  | { readonly kind: "task"; readonly id: number; readonly name: TaskName; readonly task: Asked[TaskName] };

export type FromReader =
  | { readonly kind: "answer"; readonly id: number; readonly answer: Answers[TaskName] }
  | { readonly kind: "failed"; readonly id: number; readonly message: string; readonly ofData: boolean };
