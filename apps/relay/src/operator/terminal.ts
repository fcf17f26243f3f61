/** Where a command line speaks to and hears from. */
export interface Terminal {
  print(line: string): void;
  /** For what went wrong, and for hints beside the answer. */
  complain(line: string): void;
  /** What somebody types; undefined when nobody does. */
  ask(question: string): Promise<string | undefined>;
}
