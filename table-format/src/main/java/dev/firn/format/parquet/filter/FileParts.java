package dev.firn.format.parquet.filter;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.parquet.page.ChunkSpec;
import dev.firn.format.parquet.page.Conversion;
import dev.firn.storage.RangeReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.jspecify.annotations.Nullable;
import shaded.parquet.org.apache.thrift.TBase;
import shaded.parquet.org.apache.thrift.TException;

/**
 * Parts of a file outside its pages that belong to one column chunk: indexes and bloom filters.
 * Immutable. Borrows the file.
 */
final class FileParts {
  private final String location;
  private final int rowGroup;
  private final ColumnPath column;
  private final RangeReader file;

  FileParts(String location, int rowGroup, ColumnPath column, RangeReader file) {
    this.location = location;
    this.rowGroup = rowGroup;
    this.column = column;
    this.file = file;
  }

  /** Reads bytes that the footer claims; {@code what} names them. */
  byte[] read(String what, long offset, long length) {
    if (offset < 4
        || length <= 0
        || length > Integer.MAX_VALUE - 8
        || offset > file.length() - length) {
      throw corrupt(
          what,
          offset,
          "the footer claims " + length + " bytes of a file of " + file.length(),
          null);
    }
    ByteBuffer target = ByteBuffer.allocate((int) length);
    readFully(what, offset, target);
    return target.array();
  }

  /** Fills {@code target} from bytes that must be within the file. */
  void readFully(String what, long offset, ByteBuffer target) {
    try {
      file.readFully(offset, target);
    } catch (EOFException e) {
      throw corrupt(what, offset, "the file ends before it does", e);
    } catch (IOException e) {
      throw FirnException.unavailable(
          "Cannot read %s of column %s of row group %d at offset %d: %s; retry [%s]"
              .formatted(what, column.toDotString(), rowGroup, offset, e.getMessage(), location),
          e);
    }
  }

  /** As {@link #read}, parsed into {@code value}. */
  <T extends TBase<?, ?>> T parse(String what, long offset, long length, T value) {
    byte[] bytes = read(what, offset, length);
    try {
      return new ThriftBytes(bytes).readInto(value);
    } catch (TException e) {
      throw corrupt(what, offset, "it does not parse: " + e.getMessage(), e);
    }
  }

  /** What there is to decode of the chunk from {@code start} on. */
  ChunkSpec spec(
      ColumnChunkMetaData chunk, ColumnDescriptor descriptor, long start, Conversion conversion) {
    return ChunkSpec.of(location, rowGroup, descriptor, chunk, start, conversion);
  }

  long fileLength() {
    return file.length();
  }

  FirnException outOfMemory(String what, RuntimeException cause) {
    return new FirnException(
        ErrorKind.INVALID,
        "Cannot read %s of column %s of row group %d: the memory limit is reached: %s; raise it [%s]"
            .formatted(what, column.toDotString(), rowGroup, cause.getMessage(), location),
        cause);
  }

  FirnException corrupt(String what, long offset, String reason, @Nullable Throwable cause) {
    return FirnException.corrupt(
        "Cannot read Parquet file: %s of column %s of row group %d is damaged: %s, at offset %d; restore the file [%s]"
            .formatted(what, column.toDotString(), rowGroup, reason, offset, location),
        cause);
  }
}
