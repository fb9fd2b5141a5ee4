package dev.firn.format.parquet.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.ArrowLeakCheck;
import java.util.Arrays;
import java.util.function.Consumer;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Each lie that a chunk can tell, by its message. */
@ExtendWith(ArrowLeakCheck.class)
class HostileChunkTest {
  private static final byte[] NONE = {};
  private static final byte[] TEN_INTS = new byte[40];

  private BufferAllocator allocator;
  private TestChunk ints;
  private TestChunk strings;

  @BeforeEach
  void emptyChunks(BufferAllocator allocator) {
    this.allocator = allocator;
    ints = chunk(PrimitiveTypeName.INT32, 0, 1);
    strings = chunk(PrimitiveTypeName.BINARY, 0, 0);
  }

  private TestChunk chunk(PrimitiveTypeName type, int maxRepetition, int maxDefinition) {
    ColumnDescriptor column =
        new ColumnDescriptor(
            new String[] {"a", "b"}, Types.optional(type).named("b"), maxRepetition, maxDefinition);
    return new TestChunk(column, CompressionCodecName.SNAPPY, true, allocator);
  }

  @Test
  void theErrorNamesThePlace() {
    ints.pageV1(10, present(10), TEN_INTS, Encoding.PLAIN)
        .pageV1(10, present(10), new byte[39], Encoding.PLAIN);
    long offset = ints.offsets().get(1);
    assertCorrupt(
        ints,
        "Cannot read column a.b: 10 values of 4 bytes are wanted, 39 bytes are left in the page"
            + " [s3://bucket/data.parquet, row group 3, page 1 at byte "
            + offset
            + "]; restore the file, or leave it out");
  }

  @Test
  void headersThatAreNoHeaders() {
    assertCorrupt(raw(), "the pages end early: expected 10 values, got 0");
    assertCorrupt(raw(0x15), "the page header is cut off");
    assertCorrupt(raw(0x00), "unknown page type -1");
    assertCorrupt(raw(0x15, 0x10, 0x00), "unknown page type 8");
    assertCorrupt(
        raw(0x15, 0x00, 0x15, 0x01, 0x15, 0x02, 0x00),
        "absurd sizes: 1 bytes compressed, -1 uncompressed");
    assertCorrupt(
        raw(0x15, 0x00, 0x15, 0x02, 0x15, 0x01, 0x00), "absurd sizes: -1 bytes compressed");
    assertCorrupt(
        raw(0x15, 0x00, 0x15, 0x02, 0x15, 0x02, 0x00), "lacks what belongs to its page type 0");
    assertCorrupt(raw(0x18), "unexpected type 8");
    assertCorrupt(raw(0x15, 0xff, 0xff, 0xff, 0xff, 0x7f), "more than 32 bits");
    assertCorrupt(
        raw(0x15, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
        "more than 10 bytes");
  }

  @Test
  void headersThatWouldTakeForeverOrTheStack() {
    byte[] deep = new byte[10_000];
    Arrays.fill(deep, (byte) 0x9c); // field 9 further: a struct in a struct
    assertCorrupt(raw(deep), "nested deeper than 16");
    byte[] lists = new byte[10_000];
    Arrays.fill(lists, (byte) 0x19); // a list of lists of lists
    lists[0] = (byte) 0x99;
    assertCorrupt(raw(lists), "nested deeper than 16");
    assertCorrupt(
        raw(0x99, 0xf3, 0xff, 0xff, 0xff, 0xff, 0x0f), "a list of 4294967295 elements in 0 bytes");
    assertCorrupt(
        raw(0x9b, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x33), "a list of 4294967295 elements in 1 bytes");
    assertCorrupt(raw(0x98, 0xff, 0xff, 0xff, 0xff, 0x0f), "the page header is cut off");
    assertCorrupt(raw(0x9d), "a field of unknown type 13");
  }

  @Test
  void sizesAndCountsThatDoNotGoIn() {
    assertCorrupt(header(40, 41, 10), "said to have 41 bytes, with 40 left in the column chunk");
    assertCorrupt(header(Integer.MAX_VALUE, 40, 10), "bytes uncompressed, the whole column chunk");
    assertCorrupt(header(40, 40, -1), "counts -1 values");
    ChunkSpec spec = ints.pageV1(10, present(10), TEN_INTS, Encoding.PLAIN).spec(Conversion.NONE);
    assertCorrupt(
        values(spec, 9), ints.bytes(), "said to have 10 values, with 9 left in the column chunk");
    assertCorrupt(
        values(spec, 11), ints.bytes(), "the pages end early: expected 11 values, got 10");
  }

  @Test
  void memoryIsNotGivenForWhatTheCodecCannotHold() {
    PageHeader header = dataHeader(1 << 30, 40, 10);
    ChunkSpec claimed = uncompressed(ints.raw(header, new byte[40]).spec(Conversion.NONE));
    long before = allocator.getPeakMemoryAllocation();
    assertCorrupt(
        values(claimed, 10), ints.bytes(), "40 bytes of snappy are said to be 1073741824 bytes");
    assertThat(allocator.getPeakMemoryAllocation() - before).isLessThan(1 << 20);
  }

  @Test
  void checksumsAreVerified() {
    ints.pageV1(10, present(10), TEN_INTS, Encoding.PLAIN);
    byte[] damaged = ints.bytes();
    damaged[damaged.length - 1] ^= 1;
    assertCorrupt(ints.spec(Conversion.NONE), damaged, "the checksum does not match, expected ");
  }

  @Test
  void levelsThatDoNotGoIn() {
    assertCorrupt(page(NONE), "levels take -1 bytes, with -4 in the page");
    assertCorrupt(page(1, 2, 3), "levels take -1 bytes");
    assertCorrupt(page(9, 0, 0, 0, 20, 1), "levels take 9 bytes, with 2 in the page");
    assertCorrupt(page(-1, -1, -1, -1, 20, 1), "levels take -1 bytes, with 2 in the page");
    assertCorrupt(page(2, 0, 0, 0, 18, 1), "runs are cut off: fewer values than expected");
    assertCorrupt(page(2, 0, 0, 0, 20, 2), "2 is repeated, expected at most 1 bits");
    assertCorrupt(page(1, 0, 0, 0, 20), "runs are cut off: no value to repeat");
    assertCorrupt(page(2, 0, 0, 0, 0, 1), "a run of no numbers");
    assertCorrupt(page(5, 0, 0, 0, -1, -1, -1, -1, 127), "a run of");
    TestChunk deep = chunk(PrimitiveTypeName.INT32, 0, 2);
    assertCorrupt(
        deep.pageV1(10, bytes(2, 0, 0, 0, 20, 3), TEN_INTS, Encoding.PLAIN),
        "a level of 3, expected at most 2");
    TestChunk packed = chunk(PrimitiveTypeName.INT32, 0, 2);
    assertCorrupt(
        packed.pageV2(8, 0, NONE, bytes(3, -1, -1), new byte[32], Encoding.PLAIN),
        "a level of 3, expected at most 2");
    TestChunk v2 = chunk(PrimitiveTypeName.INT32, 0, 1);
    assertCorrupt(v2.pageV2(10, 0, NONE, NONE, TEN_INTS, Encoding.PLAIN), "runs are cut off");
    TestChunk nulls = chunk(PrimitiveTypeName.INT32, 0, 1);
    assertCorrupt(
        nulls.pageV2(10, 11, NONE, NONE, TEN_INTS, Encoding.PLAIN),
        "counts 11 nulls, expected 0 to its 10 values");
  }

  @Test
  void dictionariesThatAreNotWhereTheyBelong() {
    byte[] ids = bytes(1, 20, 1);
    assertCorrupt(
        chunkOf(c -> c.pageV1(10, present(10), ids, Encoding.RLE_DICTIONARY)),
        "there is no dictionary page");
    assertCorrupt(
        chunkOf(
            c ->
                c.dictionary(new byte[8], 2)
                    .dictionary(new byte[8], 2)
                    .pageV1(10, present(10), ids, Encoding.RLE_DICTIONARY)),
        "a second dictionary page");
    assertCorrupt(
        chunkOf(
            c ->
                c.pageV1(10, present(10), TEN_INTS, Encoding.PLAIN)
                    .dictionary(new byte[8], 2)
                    .pageV1(1, present(1), new byte[4], Encoding.PLAIN)),
        "a dictionary page behind data pages");
    assertCorrupt(chunkOf(c -> c.dictionary(new byte[8], 3)), "said to have 3 entries in 8 bytes");
    assertCorrupt(
        chunkOf(c -> c.dictionary(new byte[8], 1 << 30)),
        "said to have 1073741824 entries in 8 bytes");
    TestChunk texts = chunk(PrimitiveTypeName.BINARY, 0, 0);
    assertCorrupt(
        texts.dictionary(bytes(5, 0, 0, 0, 1, 2), 1),
        "a value is said to have 5 bytes, with 2 left in the page");
    TestChunk flags = chunk(PrimitiveTypeName.BOOLEAN, 0, 0);
    assertCorrupt(flags.dictionary(bytes(1), 1), "BOOLEAN values in the encoding PLAIN");
  }

  @Test
  void indicesOutsideTheDictionary() {
    assertCorrupt(indices(2, 20, 3), "dictionary index 3, in a dictionary of 3 entries");
    assertCorrupt(
        indices(2, 5, -1, -1, -1, -1), "dictionary index 3, in a dictionary of 3 entries");
    assertCorrupt(
        indices(32, 20, -1, -1, -1, -1),
        "dictionary index 4294967295, in a dictionary of 3 entries");
    assertCorrupt(indices(33, 20, 1), "numbers of 33 bits, expected 0 to 32");
    assertCorrupt(indices(2, 18, 1), "runs are cut off");
    assertCorrupt(indices(), "runs are cut off");
    byte[] long600 = bytes(2, 0xb0, 0x09, 3);
    assertCorrupt(
        chunkOf(
            c ->
                c.dictionary(new byte[12], 3)
                    .pageV1(600, present(600), long600, Encoding.RLE_DICTIONARY)),
        "dictionary index 3, in a dictionary of 3 entries");
    assertCorrupt(
        chunkOf(
            c -> c.dictionary(NONE, 0).pageV1(10, present(10), bytes(0), Encoding.RLE_DICTIONARY)),
        "dictionary index 0, in a dictionary of 0 entries");
  }

  @Test
  void byteStringsThatDoNotGoIn() {
    assertCorrupt(text(Encoding.PLAIN, 1, 0, 0), "values are cut off: 3 bytes left in the page");
    assertCorrupt(
        text(Encoding.PLAIN, 3, 0, 0, 0, 1),
        "a value is said to have 3 bytes, with 1 left in the page");
    assertCorrupt(text(Encoding.PLAIN, -1, -1, -1, -1, 1), "a value is said to have -1 bytes");
    // 128 values in 4 miniblocks, 1 value, the first length
    assertCorrupt(
        text(Encoding.DELTA_LENGTH_BYTE_ARRAY, 0x80, 1, 4, 1, 6, 1),
        "1 values are said to have 3 bytes, of them 0 to 3, with 1 left");
    assertCorrupt(text(Encoding.DELTA_LENGTH_BYTE_ARRAY, 0x80, 1, 4, 1, 5, 1), "of them -3 to 0");
    assertCorrupt(
        text(Encoding.DELTA_BYTE_ARRAY, 0x80, 1, 4, 1, 2, 0x80, 1, 4, 1, 2, 1),
        "a prefix of 1 bytes, of a value of 0");
    assertCorrupt(
        text(Encoding.DELTA_BYTE_ARRAY, 0x80, 1, 4, 0, 0, 0x80, 1, 4, 0, 0),
        "more values are wanted than are in the page");
  }

  @Test
  void deltasThatAreNone() {
    String blocks = "expected multiples of 128 values, and of 32 in each miniblock";
    assertCorrupt(deltas(0, 4, 1, 2), blocks);
    assertCorrupt(deltas(0x81, 1, 4, 1, 2), blocks);
    assertCorrupt(deltas(0x80, 1, 0, 1, 2), blocks);
    assertCorrupt(deltas(0x80, 1, 3, 1, 2), blocks);
    assertCorrupt(deltas(0x80, 1, 8, 1, 2), blocks);
    assertCorrupt(
        deltas(0x80, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 2), blocks);
    assertCorrupt(
        deltas(0x80, 1, 4, 0xff, 0xff, 0xff, 0xff, 0x0f, 2),
        "4294967295 deltas, expected less than 2^31");
    assertCorrupt(deltas(0x80, 1, 4, 10), "deltas are cut off");
    assertCorrupt(
        deltas(0x80, 1, 4, 9, 2, 2, 0, 0, 0, 0), "10 values are wanted, 9 are left in the page");
    assertCorrupt(
        deltas(0x80, 1, 4, 10, 2, 2, 65, 0, 0, 0), "deltas of 65 bits, expected at most 64");
    assertCorrupt(
        deltas(0x80, 1, 4, 10, 2, 2, 8, 0, 0, 0, 1, 2, 3),
        "deltas take 9 bytes, with 3 left in the page");
    assertCorrupt(deltas(0x80, 1, 4, 10, 2, 2, 8, 0), "deltas are cut off");
  }

  @Test
  void encodingsThatDoNotGoWithTheType() {
    assertCorrupt(
        chunkOf(c -> c.pageV1(10, present(10), TEN_INTS, Encoding.DELTA_BYTE_ARRAY)),
        "INT32 values in the encoding DELTA_BYTE_ARRAY");
    assertCorrupt(
        chunkOf(c -> c.pageV1(10, present(10), TEN_INTS, Encoding.RLE)),
        "INT32 values in the encoding RLE");
    assertCorrupt(
        chunkOf(c -> c.pageV1(10, present(10), TEN_INTS, Encoding.BIT_PACKED)),
        "INT32 values in the encoding BIT_PACKED");
    assertCorrupt(
        text(Encoding.BYTE_STREAM_SPLIT, 1), "BINARY values in the encoding BYTE_STREAM_SPLIT");
    assertCorrupt(
        chunkOf(c -> c.pageV1(10, present(10), new byte[39], Encoding.BYTE_STREAM_SPLIT)),
        "39 bytes are no whole number of values of 4 bytes");
    assertCorrupt(
        chunkOf(c -> c.pageV1(10, present(10), new byte[36], Encoding.BYTE_STREAM_SPLIT)),
        "10 values are wanted, 9 are left in the page");
  }

  @Test
  void booleansThatDoNotGoIn() {
    TestChunk plain = chunk(PrimitiveTypeName.BOOLEAN, 0, 0);
    assertCorrupt(plain.pageV1(10, NONE, bytes(1), Encoding.PLAIN), "runs are cut off");
    TestChunk runs = chunk(PrimitiveTypeName.BOOLEAN, 0, 0);
    assertCorrupt(
        runs.pageV1(10, NONE, bytes(9, 0, 0, 0, 1), Encoding.RLE),
        "booleans are said to take 9 bytes of the 5");
    TestChunk cut = chunk(PrimitiveTypeName.BOOLEAN, 0, 0);
    assertCorrupt(
        cut.pageV1(10, NONE, bytes(9), Encoding.RLE),
        "booleans are said to take -1 bytes of the 1");
  }

  @Test
  void offsetsThatAreNoPages() {
    ints.dictionary(new byte[8], 2).pageV1(10, present(10), TEN_INTS, Encoding.PLAIN);
    ChunkSpec spec = ints.spec(Conversion.NONE);
    for (long offset : new long[] {Long.MIN_VALUE, 0, 999, 1_000_000, Long.MAX_VALUE}) {
      assertCorruptAt(spec, offset, "names a page outside the column chunk");
    }
    assertCorruptAt(spec, TestChunk.START, "names a page without data");
    assertCorruptAt(spec, TestChunk.START + 1, "Cannot read column a.b");
  }

  private void assertCorruptAt(ChunkSpec spec, long offset, String message) {
    byte[] bytes = ints.bytes();
    try (ArrowBuf buffer = allocator.buffer(bytes.length)) {
      buffer.setBytes(0, bytes);
      try (ColumnChunk pages = ColumnChunk.open(spec, buffer, 0, bytes.length, allocator)) {
        assertThatThrownBy(() -> pages.seekPage(offset, Long.MAX_VALUE))
            .isInstanceOf(FirnException.class)
            .hasMessageContaining(message);
      }
    }
  }

  @Test
  void garbageBehindAllValuesIsLeftAlone() {
    ints.pageV1(10, present(10), TEN_INTS, Encoding.PLAIN);
    byte[] longer = Arrays.copyOf(ints.bytes(), ints.bytes().length + 7);
    Arrays.fill(longer, ints.bytes().length, longer.length, (byte) 0xff);
    readAll(ints.spec(Conversion.NONE), longer, allocator);
  }

  @Test
  void pagesWithoutValuesAreFine() {
    for (Encoding encoding :
        new Encoding[] {
          Encoding.PLAIN,
          Encoding.RLE_DICTIONARY,
          Encoding.DELTA_BINARY_PACKED,
          Encoding.BYTE_STREAM_SPLIT
        }) {
      byte[] nulls = TestChunk.withLength(Encoded.runs(1, new int[10]));
      TestChunk chunk =
          chunkOf(
              c ->
                  c.dictionary(new byte[8], 2)
                      .pageV1(0, NONE, NONE, encoding)
                      .pageV2(0, 0, NONE, NONE, NONE, encoding)
                      .pageV1(10, nulls, NONE, encoding)
                      .pageV2(10, 10, NONE, Encoded.runs(1, new int[10]), NONE, encoding)
                      .pageV2(11, 11, NONE, Encoded.runs(1, new int[11]), NONE, encoding));
      readAll(chunk.spec(Conversion.NONE), chunk.bytes(), allocator);
    }
    TestChunk texts =
        strings
            .pageV1(0, NONE, NONE, Encoding.DELTA_BYTE_ARRAY)
            .pageV1(0, NONE, NONE, Encoding.DELTA_LENGTH_BYTE_ARRAY);
    readAll(texts.spec(Conversion.NONE), texts.bytes(), allocator);
    TestChunk flags = chunk(PrimitiveTypeName.BOOLEAN, 0, 0).pageV1(0, NONE, NONE, Encoding.RLE);
    readAll(flags.spec(Conversion.NONE), flags.bytes(), allocator);
  }

  @Test
  void aPageThatIsPassedOverIsNotDecompressed() {
    TestChunk chunk = chunkOf(c -> c.pageV1(10, present(10), TEN_INTS, Encoding.PLAIN));
    byte[] bytes = chunk.bytes();
    bytes[bytes.length - 1] ^= 1;
    try (ArrowBuf buffer = allocator.buffer(bytes.length)) {
      buffer.setBytes(0, bytes);
      try (ColumnChunk pages =
          ColumnChunk.open(chunk.spec(Conversion.NONE), buffer, 0, bytes.length, allocator)) {
        assertThat(pages.nextPage()).isTrue();
        assertThat(pages.entries()).isEqualTo(10);
        assertThat(pages.nextPage()).isFalse();
        assertThatThrownBy(pages::values).isInstanceOf(IllegalStateException.class);
      }
    }
  }

  @Test
  void tooManyBytesForABatchAreInvalid() {
    byte[] entry = TestChunk.withLength(new byte[2 << 20]);
    strings.dictionary(entry, 1).pageV1(2000, NONE, bytes(0), Encoding.RLE_DICTIONARY);
    FirnException fault = fault(strings.spec(Conversion.NONE), strings.bytes());
    assertThat(fault.kind()).isEqualTo(ErrorKind.INVALID);
    assertThat(fault)
        .hasMessageContaining("at most 2147483647 bytes")
        .hasMessageContaining("lower the batch rows");
  }

  @Test
  void aMemoryLimitIsNoCorruption(BufferAllocator root) {
    strings.pageV1(1, NONE, TestChunk.withLength(new byte[1 << 20]), Encoding.PLAIN);
    try (BufferAllocator small = root.newChildAllocator("small", 0, 1 << 18)) {
      FirnException fault = fault(strings.spec(Conversion.NONE), strings.bytes(), root, small);
      assertThat(fault.kind()).isEqualTo(ErrorKind.INVALID);
      assertThat(fault)
          .hasMessageStartingWith("Cannot read column a.b: the memory limit is reached [");
    }
  }

  private TestChunk chunkOf(Consumer<TestChunk> pages) {
    TestChunk chunk = chunk(PrimitiveTypeName.INT32, 0, 1);
    pages.accept(chunk);
    return chunk;
  }

  private TestChunk header(int uncompressed, int compressed, int entries) {
    return chunkOf(c -> c.raw(dataHeader(uncompressed, compressed, entries), new byte[40]));
  }

  private static PageHeader dataHeader(int uncompressed, int compressed, int entries) {
    PageHeader header = new PageHeader(PageType.DATA_PAGE, uncompressed, compressed);
    header.setData_page_header(
        new DataPageHeader(entries, Encoding.PLAIN, Encoding.RLE, Encoding.RLE));
    return header;
  }

  private TestChunk page(int... levelsAndValues) {
    return page(bytes(levelsAndValues));
  }

  private TestChunk page(byte[] levelsAndValues) {
    return chunkOf(c -> c.pageV1(10, levelsAndValues, NONE, Encoding.PLAIN));
  }

  private TestChunk indices(int... ids) {
    return chunkOf(
        c ->
            c.dictionary(new byte[12], 3)
                .pageV1(10, present(10), bytes(ids), Encoding.RLE_DICTIONARY));
  }

  private TestChunk deltas(int... values) {
    return chunkOf(c -> c.pageV1(10, present(10), bytes(values), Encoding.DELTA_BINARY_PACKED));
  }

  private TestChunk text(Encoding encoding, int... values) {
    return chunk(PrimitiveTypeName.BINARY, 0, 0).pageV1(1, NONE, bytes(values), encoding);
  }

  private static byte[] present(int count) {
    int[] levels = new int[count];
    Arrays.fill(levels, 1);
    return TestChunk.withLength(Encoded.runs(1, levels));
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] raw(int... values) {
    return bytes(values);
  }

  private static byte[] raw(byte[] values) {
    return values;
  }

  private static ChunkSpec values(ChunkSpec spec, long values) {
    return new ChunkSpec(
        spec.file(),
        spec.rowGroup(),
        spec.column(),
        spec.codec(),
        values,
        spec.uncompressedBytes(),
        spec.startOffset(),
        spec.conversion());
  }

  private static ChunkSpec uncompressed(ChunkSpec spec) {
    return new ChunkSpec(
        spec.file(),
        spec.rowGroup(),
        spec.column(),
        spec.codec(),
        spec.values(),
        1L << 40,
        spec.startOffset(),
        spec.conversion());
  }

  private void assertCorrupt(byte[] bytes, String message) {
    ChunkSpec spec = chunk(PrimitiveTypeName.INT32, 0, 1).spec(Conversion.NONE);
    assertCorrupt(values(spec, 10), bytes, message);
  }

  private void assertCorrupt(TestChunk chunk, String message) {
    ChunkSpec spec = chunk.spec(Conversion.NONE);
    // pages that were put in raw are not counted, and a size beyond all is to be beyond the
    // footer's
    long size = Math.min(spec.uncompressedBytes(), 1 << 24);
    ChunkSpec counted =
        new ChunkSpec(
            spec.file(),
            spec.rowGroup(),
            spec.column(),
            spec.codec(),
            Math.max(1, spec.values()),
            size,
            spec.startOffset(),
            spec.conversion());
    assertCorrupt(counted, chunk.bytes(), message);
  }

  private void assertCorrupt(ChunkSpec spec, byte[] bytes, String message) {
    FirnException fault = fault(spec, bytes);
    assertThat(fault).hasMessageContaining(message).hasMessageContaining("restore the file");
    assertThat(fault.kind()).isEqualTo(ErrorKind.CORRUPT);
  }

  private FirnException fault(ChunkSpec spec, byte[] bytes) {
    return fault(spec, bytes, allocator, allocator);
  }

  private static FirnException fault(
      ChunkSpec spec, byte[] bytes, BufferAllocator forBytes, BufferAllocator allocator) {
    return catchThrowableOfType(
        FirnException.class, () -> readAll(spec, bytes, forBytes, allocator));
  }

  private static void readAll(ChunkSpec spec, byte[] bytes, BufferAllocator allocator) {
    readAll(spec, bytes, allocator, allocator);
  }

  private static void readAll(
      ChunkSpec spec, byte[] bytes, BufferAllocator forBytes, BufferAllocator allocator) {
    try (ArrowBuf buffer = forBytes.buffer(bytes.length)) {
      buffer.setBytes(0, bytes);
      try (ColumnChunk pages = ColumnChunk.open(spec, buffer, 0, bytes.length, allocator)) {
        try {
          while (pages.nextPage()) {
            readPage(pages, allocator);
          }
        } catch (CorruptPageException e) {
          throw pages.corrupt(e);
        }
      }
    }
  }

  private static void readPage(ColumnChunk pages, BufferAllocator allocator) {
    int present = pages.definition().skip(pages.entries());
    PageValues values = pages.values();
    try (ArrowBuf out = allocator.buffer((long) present * values.width());
        VarBuffers texts = new VarBuffers(allocator)) {
      if (values.width() > 0) {
        values.read(present, out.memoryAddress());
      } else {
        texts.start(present, 0);
        values.read(present, texts);
      }
    }
  }
}
