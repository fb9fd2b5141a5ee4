package dev.firn.format.parquet.attack;

import dev.firn.format.parquet.filter.RowGroupPruner;
import dev.firn.format.parquet.read.ParquetReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageLocation;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Util;

/**
 * A file of one row group, built page by page without any writer's checks, so that it can lie
 * wherever it likes. Pages are not compressed.
 */
final class HostileFile {
  private record Page(PageHeader header, byte[] body) {}

  /** A column chunk under construction. */
  static final class Chunk {
    private final List<Page> pages = new ArrayList<>();
    private final org.apache.parquet.format.Type type;
    private final List<String> path;
    long values;
    boolean indexed;

    Chunk(org.apache.parquet.format.Type type, String... path) {
      this.type = type;
      this.path = List.of(path);
    }

    Chunk dictionary(int entries, byte[] body) {
      PageHeader header = new PageHeader(PageType.DICTIONARY_PAGE, body.length, body.length);
      header.setDictionary_page_header(new DictionaryPageHeader(entries, Encoding.PLAIN));
      pages.add(new Page(header, body));
      return this;
    }

    Chunk v1(int entries, Encoding encoding, byte[]... parts) {
      byte[] body = concat(parts);
      PageHeader header = new PageHeader(PageType.DATA_PAGE, body.length, body.length);
      header.setData_page_header(new DataPageHeader(entries, encoding, Encoding.RLE, Encoding.RLE));
      pages.add(new Page(header, body));
      values += entries;
      return this;
    }

    Chunk v2(int entries, Encoding encoding, byte[] repetition, byte[] definition, byte[] encoded) {
      byte[] body = concat(repetition, definition, encoded);
      PageHeader header = new PageHeader(PageType.DATA_PAGE_V2, body.length, body.length);
      header.setData_page_header_v2(
          new DataPageHeaderV2(
              entries, 0, entries, encoding, definition.length, repetition.length));
      pages.add(new Page(header, body));
      values += entries;
      return this;
    }

    /** Writes an offset index that says the truth for columns that are not repeated. */
    Chunk indexed() {
      indexed = true;
      return this;
    }

    PageHeader header(int page) {
      return pages.get(page).header();
    }
  }

  final List<SchemaElement> schema = new ArrayList<>();
  final List<Chunk> chunks = new ArrayList<>();
  final List<OffsetIndex> indexes = new ArrayList<>();
  FileMetaData footer = new FileMetaData();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  HostileFile(SchemaElement... fields) {
    schema.addAll(List.of(fields));
  }

  static SchemaElement root(int children) {
    SchemaElement root = new SchemaElement("m");
    root.setNum_children(children);
    return root;
  }

  static SchemaElement group(
      String name, int id, org.apache.parquet.format.FieldRepetitionType repetition, int children) {
    SchemaElement group = new SchemaElement(name);
    group.setNum_children(children).setRepetition_type(repetition);
    return id == 0 ? group : group.setField_id(id);
  }

  static SchemaElement leaf(
      String name,
      int id,
      org.apache.parquet.format.FieldRepetitionType repetition,
      org.apache.parquet.format.Type type) {
    return new SchemaElement(name).setType(type).setRepetition_type(repetition).setField_id(id);
  }

  HostileFile chunk(Chunk chunk) {
    chunks.add(chunk);
    return this;
  }

  /** Lays pages out and makes the footer, which may be changed before {@link #bytes}. */
  HostileFile layOut(long rows) {
    indexes.clear();
    return layOutPages(rows);
  }

  /** As it was laid out, with {@link #indexes} as they are now. */
  byte[] withIndexes(long rows) {
    return layOutPages(rows).bytes();
  }

  private HostileFile layOutPages(long rows) {
    try {
      boolean fresh = indexes.isEmpty();
      out.reset();
      out.write("PAR1".getBytes(StandardCharsets.US_ASCII));
      List<ColumnChunk> columns = new ArrayList<>();
      for (Chunk chunk : chunks) {
        columns.add(write(chunk, fresh));
      }
      for (int i = 0; i < chunks.size(); i++) {
        if (chunks.get(i).indexed) {
          int at = out.size();
          Util.writeOffsetIndex(indexes.get(i), out);
          columns.get(i).setOffset_index_offset(at).setOffset_index_length(out.size() - at);
        }
      }
      RowGroup group = new RowGroup(columns, out.size(), rows);
      footer = new FileMetaData(1, schema, rows, new ArrayList<>(List.of(group)));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ColumnChunk write(Chunk chunk, boolean fresh) throws IOException {
    long start = out.size();
    long firstData = start;
    long uncompressed = 0;
    List<PageLocation> locations = new ArrayList<>();
    long row = 0;
    for (Page page : chunk.pages) {
      int at = out.size();
      if (page.header().getType() == PageType.DICTIONARY_PAGE) {
        Util.writePageHeader(page.header(), out);
        firstData = (long) out.size() + page.body().length;
      } else {
        Util.writePageHeader(page.header(), out);
      }
      out.write(page.body());
      uncompressed += out.size() - at;
      if (page.header().getType() != PageType.DICTIONARY_PAGE) {
        locations.add(new PageLocation(at, out.size() - at, row));
        row += entries(page.header());
      }
    }
    if (fresh) {
      indexes.add(new OffsetIndex(locations));
    }
    ColumnMetaData meta =
        new ColumnMetaData(
            chunk.type,
            new ArrayList<>(List.of(Encoding.PLAIN)),
            chunk.path,
            CompressionCodec.UNCOMPRESSED,
            chunk.values,
            uncompressed,
            out.size() - start,
            firstData);
    if (firstData != start) {
      meta.setDictionary_page_offset(start);
    }
    ColumnChunk column = new ColumnChunk(start);
    column.setMeta_data(meta);
    return column;
  }

  private static int entries(PageHeader header) {
    return header.isSetData_page_header()
        ? header.getData_page_header().getNum_values()
        : header.getData_page_header_v2().getNum_values();
  }

  ColumnMetaData meta(int column) {
    return footer.getRow_groups().get(0).getColumns().get(column).getMeta_data();
  }

  byte[] bytes() {
    try {
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      whole.write(out.toByteArray());
      int start = whole.size();
      Util.writeFileMetaData(footer, whole);
      whole.write(ints(whole.size() - start));
      whole.write("PAR1".getBytes(StandardCharsets.US_ASCII));
      return whole.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads all rows; returns how many. */
  static long read(
      byte[] bytes,
      Schema schema,
      Expression filter,
      RowGroupPruner.Means means,
      BufferAllocator to) {
    ParquetReader.Builder builder =
        ParquetReader.of(new InMemoryInputFile("mem:hostile.parquet", bytes), schema)
            .pruning(means);
    long rows = 0;
    try (ParquetReader reader = builder.filter(schema, filter).open(to)) {
      while (reader.next()) {
        rows += reader.root().getRowCount();
        // The vectors must be readable, whatever they hold.
        reader.root().getFieldVectors().forEach(vector -> vector.getObject(0));
        int last = reader.root().getRowCount() - 1;
        reader.root().getFieldVectors().forEach(vector -> vector.getObject(last));
      }
    }
    return rows;
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] ints(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.putInt(value);
    }
    return bytes.array();
  }

  static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  /** Runs behind their length, as data pages v1 have levels. */
  static byte[] withLength(byte[] runs) {
    return concat(ints(runs.length), runs);
  }

  /** One run of {@code count} equal values of up to 8 bits. */
  static byte[] run(int count, int value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    varint(out, (long) count << 1);
    out.write(value);
    return out.toByteArray();
  }

  static byte[] varints(long... values) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (long value : values) {
      varint(out, value);
    }
    return out.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long left = value;
    while ((left & ~0x7FL) != 0) {
      out.write((int) (left & 0x7F) | 0x80);
      left >>>= 7;
    }
    out.write((int) left);
  }
}
