/**
 * Standard output for what was asked for, standard error for the rest, which on a terminal has a last line that tells
 * what is being done and goes when something else is said.
 */
export const terminal = {
  print(text: string): void {
    terminal.state('');
    process.stdout.write(text);
  },
  note(text: string): void {
    terminal.state('');
    process.stderr.write(text);
  },
  state(text: string): void {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
  },
};
