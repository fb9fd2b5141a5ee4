package dev.firn.ingest.read;

/** Watches reading as it goes, and may stop it by throwing. Called from the reading thread. */
public interface ReadMonitor {
  /** Watches nothing. */
  ReadMonitor NONE =
      new ReadMonitor() {
        @Override
        public void bytes(long count) {}

        @Override
        public void row() {}
      };

  /** Called after {@code count} more bytes were read from an input, before decompression. */
  void bytes(long count);

  /** Called before each row. */
  void row();
}
