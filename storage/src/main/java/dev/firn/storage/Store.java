package dev.firn.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.DelegateFileIO;
import org.apache.iceberg.io.FileInfo;

/**
 * A store of files that are written once: Iceberg's {@code FileIO} with its bulk and prefix
 * operations, and what that lacks: ranged reads, writes that can be given up, conditional creation,
 * counts of what was asked of the store. Thread-safe.
 *
 * <p>Errors are the same for every store: a missing file is Iceberg's {@code NotFoundException}, an
 * existing one {@code AlreadyExistsException}; a {@code FirnException} is UNAVAILABLE where the
 * store does not answer or is full, INVALID where a person must change a setting or a permission,
 * CORRUPT where what came is not what was written. Streams throw {@code IOException} for what a
 * retry may mend.
 */
public interface Store extends DelegateFileIO {
  @Override
  RangedInputFile newInputFile(String location);

  @Override
  RangedInputFile newInputFile(String location, long length);

  @Override
  StoreOutputFile newOutputFile(String location);

  /** Deletes a file; a missing one is no error. */
  @Override
  void deleteFile(String location);

  /**
   * Deletes what it can, many in one request where the store can; missing files are no error. Files
   * that could not be deleted are logged, and counted by the exception.
   */
  @Override
  void deleteFiles(Iterable<String> locations) throws BulkDeletionFailureException;

  /**
   * Lists all files below a directory, spelled as {@code prefix} is spelled, in no order: {@code
   * a/t} lists {@code a/t/x}, and neither {@code a/t2} nor {@code a/t.txt}; a slash at its end
   * changes nothing. A place without files has none. Pages are fetched as they are needed; files
   * that come or go meanwhile may be listed or not.
   */
  @Override
  Iterable<FileInfo> listPrefix(String prefix);

  /** Deletes all files that {@link #listPrefix} would list; none is no error. */
  @Override
  void deletePrefix(String prefix);

  /**
   * Creates a file of these bytes unless one is there, atomically: of several racing callers one is
   * told true. A call of which the answer was lost is looked up before it is called a conflict.
   *
   * @return whether this call created the file; false: another file is there, untouched
   */
  default boolean putIfAbsent(String location, ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    try (StoreOutputStream out = newOutputFile(location).create()) {
      out.write(copy);
    } catch (AlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return true;
  }

  /** What was asked of the store since it was opened. */
  StoreCounts counts();
}
