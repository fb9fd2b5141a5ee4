package dev.firn.storage;

import java.io.IOException;
import org.apache.iceberg.io.PositionOutputStream;

/**
 * A writer of one file of a {@link Store}. Confined to one thread. Owns what it holds of the store
 * until {@link #close()} or {@link #abort()}.
 *
 * <p>Outcomes of {@code close()}: it returns, and the file is there, whole and durable; or it
 * throws, and no file is there that was not there before. After a failed {@code write} it always
 * throws. After {@link #close()} or {@link #abort()}, {@code write} throws an {@code IOException},
 * and both do nothing.
 */
public abstract class StoreOutputStream extends PositionOutputStream {
  /**
   * Gives the file up: nothing of it stays in the store, not even parts. Does nothing after {@link
   * #close()}. Never throws: what could not be removed is logged.
   */
  public abstract void abort();

  /**
   * Ends a stream whose writer failed: gives up the file where its store can, else closes it, which
   * may leave the first part of a file.
   */
  public static void abandon(PositionOutputStream stream) throws IOException {
    if (stream instanceof StoreOutputStream ours) {
      ours.abort();
    } else {
      stream.close();
    }
  }
}
