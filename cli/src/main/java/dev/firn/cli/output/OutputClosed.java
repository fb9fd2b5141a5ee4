package dev.firn.cli.output;

/** The reader of our output has gone, as {@code head} does: the command ends quietly. */
public final class OutputClosed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OutputClosed(Throwable cause) {
    super("output closed", cause, false, false);
  }
}
