package dev.firn.cli.run;

/** What a command does once its options are read. Implemented by every class of the registry. */
public interface FirnCommand {
  /** Does it. Errors leave as {@code FirnException}; the session stays the caller's. */
  void run(Session session);
}
