package dev.firn.cli.run;

/**
 * Thrown in a command's thread where the user asked to stop. Everything unwinds; nothing commits.
 */
public final class InterruptedCommand extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InterruptedCommand() {
    super("interrupted", null, false, false);
  }
}
