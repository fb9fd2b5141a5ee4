package dev.firn.format.parquet.read;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.parquet.checksum.FileSums;
import dev.firn.format.parquet.checksum.FooterSum;
import dev.firn.format.parquet.filter.ThriftBytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;
import shaded.parquet.org.apache.thrift.TException;

/** Reads and checks footers. Stateless. */
final class FooterReader {
  /** Magic, footer length, magic. */
  private static final int SMALLEST_FILE = 12;

  private static final int TAIL = 8;

  /** A longer one is no footer; parquet-java and thrift stop at 100 MB. */
  private static final int LARGEST_FOOTER = 256 << 20;

  private static final int MAGIC = magic("PAR1");
  private static final int ENCRYPTED_MAGIC = magic("PARE");

  /** No sane schema nests deeper; parquet-java converts schemas recursively. */
  private static final int DEEPEST_SCHEMA = 500;

  private FooterReader() {}

  /**
   * Reads the footer through {@code suffix}, which it tells the file's checksums; a longer footer
   * takes a second request. One that is not what was written is read again, where the file is not
   * local.
   */
  static Footer read(SourceFile file, Suffix suffix) {
    for (int again = 0; ; again++) {
      try {
        Footer footer = readOnce(file, suffix);
        suffix.sums(footer.sums());
        return footer;
      } catch (FirnException e) {
        if (e.kind() == ErrorKind.UNAVAILABLE || file.isLocal() || again == SourceFile.REREADS) {
          throw e;
        }
        suffix.fetchAgain();
      }
    }
  }

  private static Footer readOnce(SourceFile file, Suffix suffix) {
    long length = file.length();
    if (length < SMALLEST_FILE) {
      throw corrupt(file, 0, "it has %d bytes, fewer than a Parquet file".formatted(length), null);
    }
    ArrowBuf tail = suffix.bytes();
    int magic = tail.getInt(suffix.at(length - 4));
    if (magic == ENCRYPTED_MAGIC) {
      throw FirnException.invalid(
          "Cannot read Parquet file: its footer is encrypted, which Firn does not support ["
              + file.location()
              + "]");
    }
    if (magic != MAGIC) {
      throw corrupt(
          file, length - 4, "it does not end with PAR1, so it is not a whole Parquet file", null);
    }
    int footerLength = tail.getInt(suffix.at(length - TAIL));
    long start = length - TAIL - footerLength;
    if (footerLength <= 0 || footerLength > LARGEST_FOOTER || start < 4) {
      throw corrupt(
          file,
          length - TAIL,
          "its footer claims %d bytes of a file of %d".formatted(footerLength, length),
          null);
    }
    byte[] bytes = new byte[footerLength];
    suffix.copy(start, bytes);
    return parse(file, start, bytes, suffix);
  }

  private static Footer parse(SourceFile file, long start, byte[] bytes, Suffix suffix) {
    ThriftBytes transport = new ThriftBytes(bytes);
    ParquetMetadata metadata;
    try {
      FileMetaData raw = transport.readInto(new FileMetaData());
      if (raw.isSetEncryption_algorithm()) {
        throw FirnException.invalid(
            "Cannot read Parquet file: columns are encrypted, which Firn does not support ["
                + file.location()
                + "]");
      }
      FooterSum sum = sum(raw, start, bytes.length);
      if (sum != null) {
        sum.check(bytes);
      }
      checkSchema(raw.getSchema());
      checkRowGroups(raw);
      metadata = new ParquetMetadataConverter().fromParquetMetadata(raw);
      return new Footer(
          metadata.getFileMetaData().getSchema(),
          raw.isSetCreated_by() ? raw.getCreated_by() : "",
          groups(file, metadata),
          sum == null ? FileSums.NONE : sums(sum, start, metadata, suffix));
    } catch (FirnException e) {
      throw e;
    } catch (TException | java.io.IOException | RuntimeException | StackOverflowError e) {
      // Thousands of nested structs overflow thrift's recursive skip: a fault of the file.
      throw corrupt(
          file,
          start + transport.position(),
          "its footer does not parse: " + (e.getMessage() == null ? e.toString() : e.getMessage()),
          e);
    }
  }

  private static @Nullable FooterSum sum(FileMetaData raw, long start, int length) {
    Map<String, String> pairs = new HashMap<>();
    if (raw.isSetKey_value_metadata()) {
      for (KeyValue pair : raw.getKey_value_metadata()) {
        pairs.put(pair.getKey(), pair.isSetValue() ? pair.getValue() : "");
      }
    }
    return FooterSum.find(pairs, start, length);
  }

  private static FileSums sums(
      FooterSum sum, long footerStart, ParquetMetadata metadata, Suffix suffix) {
    if (sum.sectionLength() < 0 || sum.sectionLength() > footerStart) {
      throw new IllegalArgumentException(
          "its checksums claim %d bytes".formatted(sum.sectionLength()));
    }
    byte[] section = new byte[sum.sectionLength()];
    suffix.copy(footerStart - section.length, section);
    return FileSums.parse(section, sum, metadata.getBlocks());
  }

  /** The schema comes as a list in depth-first order: it must be one tree, not absurdly deep. */
  private static void checkSchema(List<SchemaElement> schema) {
    int[] left = new int[DEEPEST_SCHEMA + 1];
    int depth = 0;
    left[0] = 1;
    for (SchemaElement element : schema) {
      while (depth >= 0 && left[depth] == 0) {
        depth--;
      }
      if (depth < 0) {
        throw new IllegalArgumentException("the schema holds elements outside its tree");
      }
      left[depth]--;
      int children = element.isSetNum_children() ? element.getNum_children() : 0;
      if (children < 0 || children > schema.size()) {
        throw new IllegalArgumentException("a schema group claims " + children + " children");
      }
      if (children > 0) {
        if (++depth > DEEPEST_SCHEMA) {
          throw new IllegalArgumentException(
              "the schema nests deeper than " + DEEPEST_SCHEMA + " groups");
        }
        left[depth] = children;
      }
    }
    for (int i = 0; i <= depth; i++) {
      if (left[i] != 0) {
        throw new IllegalArgumentException("the schema lacks elements that its groups claim");
      }
    }
  }

  private static void checkRowGroups(FileMetaData raw) {
    long rows = 0;
    for (var group : raw.getRow_groups()) {
      if (group.getNum_rows() < 0 || raw.getNum_rows() - rows < group.getNum_rows()) {
        throw new IllegalArgumentException(
            "row groups do not add up to the file's %d rows".formatted(raw.getNum_rows()));
      }
      rows += group.getNum_rows();
    }
    if (rows != raw.getNum_rows()) {
      throw new IllegalArgumentException(
          "row groups have %d rows, the file %d".formatted(rows, raw.getNum_rows()));
    }
  }

  private static List<Footer.Group> groups(SourceFile file, ParquetMetadata metadata) {
    MessageType schema = metadata.getFileMetaData().getSchema();
    List<Footer.Group> groups = new ArrayList<>();
    long firstRow = 0;
    for (BlockMetaData block : metadata.getBlocks()) {
      int index = groups.size();
      long start = Long.MAX_VALUE;
      Set<ColumnPath> seen = new HashSet<>();
      for (ColumnChunkMetaData chunk : block.getColumns()) {
        checkChunk(file, index, block.getRowCount(), chunk, schema);
        if (!seen.add(chunk.getPath())) {
          throw corrupt(file, index, chunk, "it stands twice in the row group");
        }
        start = Math.min(start, chunk.getStartingPos());
      }
      groups.add(new Footer.Group(index, firstRow, start == Long.MAX_VALUE ? 0 : start, block));
      firstRow += block.getRowCount();
    }
    return groups;
  }

  private static void checkChunk(
      SourceFile file, int group, long rows, ColumnChunkMetaData chunk, MessageType schema) {
    long start = chunk.getStartingPos();
    long size = chunk.getTotalSize();
    if (start < 4 || size < 0 || start > file.length() - TAIL - size) {
      throw corrupt(
          file,
          group,
          chunk,
          "it claims bytes [%d, %d) of a file of %d".formatted(start, start + size, file.length()));
    }
    if (chunk.getValueCount() < 0 || chunk.getTotalUncompressedSize() < 0) {
      throw corrupt(file, group, chunk, "it claims negative sizes");
    }
    String[] path = chunk.getPath().toArray();
    if (!schema.containsPath(path)) {
      throw corrupt(file, group, chunk, "the schema does not have it");
    }
    long values = chunk.getValueCount();
    boolean fits = schema.getMaxRepetitionLevel(path) == 0 ? values == rows : values >= rows;
    if (!fits) {
      throw corrupt(file, group, chunk, "it claims %d values for %d rows".formatted(values, rows));
    }
  }

  private static FirnException corrupt(
      SourceFile file, int group, ColumnChunkMetaData chunk, String reason) {
    return FirnException.corrupt(
        "Cannot read Parquet file: column %s of row group %d: %s; restore the file [%s]"
            .formatted(chunk.getPath().toDotString(), group, reason, file.location()),
        null);
  }

  private static FirnException corrupt(
      SourceFile file, long offset, String reason, @Nullable Throwable e) {
    return FirnException.corrupt(
        "Cannot read Parquet file: %s, at offset %d; restore the file [%s]"
            .formatted(reason, offset, file.location()),
        e);
  }

  private static int magic(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24;
  }
}
