package dev.firn.ingest.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.ingest.SchemaText;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeStampNanoVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.compression.CompressionUtil;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ArrowWriter;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TypedReadingTest {
  private static final MessageType MESSAGE =
      MessageTypeParser.parseMessageType(
          "message m { required int32 b; optional binary a (STRING); optional group tags (LIST)"
              + " { repeated group list { optional binary element (STRING); } } }");

  @TempDir Path dir;

  private Path parquet(int rows) throws Exception {
    Path file = dir.resolve("t.parquet");
    Files.deleteIfExists(file);
    SimpleGroupFactory groups = new SimpleGroupFactory(MESSAGE);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new LocalOutputFile(file))
            .withConf(new PlainParquetConfiguration())
            .withType(MESSAGE)
            .build()) {
      for (int i = 0; i < rows; i++) {
        Group group = groups.newGroup().append("b", i);
        if (i % 3 != 0) {
          group.append("a", "v" + i);
        }
        group.addGroup("tags").addGroup("list").append("element", "t" + i);
        writer.write(group);
      }
    }
    return file;
  }

  @Test
  void readsForeignParquetByName() throws Exception {
    Path file = parquet(100);
    Reading reading = Reading.of(file);
    assertThat(reading.types().keySet()).containsExactly("b", "a", "tags");
    assertThat(reading.rows).hasSize(100);
    assertThat(reading.rows.get(4).getField("a")).isEqualTo("v4");
    assertThat(reading.rows.get(3).getField("a")).isNull();
    assertThat(reading.rows.get(4).getField("tags")).isEqualTo(List.of("t4"));

    Reading target =
        Reading.strict(SchemaText.parse("a string, extra date, b long, tags list<string>"), file);
    assertThat(target.column("b")).startsWith(0L, 1L, 2L);
    assertThatThrownBy(() -> Reading.strict(SchemaText.parse("a date, b boolean"), file))
        .hasMessageContaining("t.parquet: column 'b': expected boolean, got int");
  }

  @Test
  void namesRowAndValueThatDoNotFit() throws Exception {
    Reading reading =
        Reading.lenient(
            SchemaText.parse("a string not null, b decimal(1,0), tags list<string>"), parquet(12));
    assertThat(reading.rejected)
        .extracting(r -> r.at() + "|" + r.column() + "|" + r.reason())
        .contains(
            "row 1|a|expected string, not null, got null",
            "row 11|b|expected decimal(1, 0) (at most 1 digits before the point), got '10'");
  }

  @Test
  void refusesTruncatedFiles() throws Exception {
    byte[] whole = Files.readAllBytes(parquet(1000));
    for (int cut : new int[] {whole.length / 2, whole.length - 3, 3, 0}) {
      Path file = Files.write(dir.resolve("cut.parquet"), Arrays.copyOf(whole, cut));
      assertCorrupt(file, "cut.parquet: expected the Parquet mark PAR1");
    }
    byte[] arrow = Files.readAllBytes(arrow(false, true, 1000));
    Path file = Files.write(dir.resolve("cut.arrow"), Arrays.copyOf(arrow, arrow.length / 2));
    assertCorrupt(file, "cut.arrow: it is cut short");
    byte[] stream = Files.readAllBytes(arrow(false, false, 1000));
    Path cut = Files.write(dir.resolve("cut.arrows"), Arrays.copyOf(stream, stream.length / 2));
    assertCorrupt(cut, "cut.arrows");
  }

  private static void assertCorrupt(Path file, String message) {
    assertThatThrownBy(() -> Reading.of(file))
        .hasMessageContaining(message)
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.CORRUPT);
  }

  private Path arrow(boolean compressed, boolean asFile, int rows) throws Exception {
    Path file = dir.resolve(asFile ? "t.arrow" : "t.arrows");
    try (RootAllocator allocator = new RootAllocator();
        BigIntVector id = new BigIntVector("id", allocator);
        TimeStampNanoVector at = new TimeStampNanoVector("at", allocator);
        VarCharVector words = new VarCharVector("words", allocator);
        VarCharVector city =
            new VarCharVector(
                "city $", FieldType.nullable(words.getField().getType()), allocator)) {
      words.setSafe(0, "Graz".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      words.setSafe(1, "Köln".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      words.setValueCount(2);
      Dictionary dictionary = new Dictionary(words, new DictionaryEncoding(1, false, null));
      for (int i = 0; i < rows; i++) {
        id.setSafe(i, i);
        if (i % 2 == 0) {
          city.setSafe(i, i % 4 == 0 ? words.get(0) : words.get(1));
          at.setSafe(i, i * 1000L);
        }
      }
      id.setValueCount(rows);
      at.setValueCount(rows);
      city.setValueCount(rows);
      try (IntVector codes = (IntVector) DictionaryEncoder.encode(city, dictionary)) {
        VectorSchemaRoot root = VectorSchemaRoot.of(id, at, codes);
        DictionaryProvider provider = new DictionaryProvider.MapDictionaryProvider(dictionary);
        try (OutputStream out = new FileOutputStream(file.toFile());
            ArrowWriter writer = writer(root, provider, out, compressed, asFile)) {
          writer.start();
          writer.writeBatch();
          writer.writeBatch();
          writer.end();
        }
      }
    }
    return file;
  }

  private static ArrowWriter writer(
      VectorSchemaRoot root,
      DictionaryProvider provider,
      OutputStream out,
      boolean compressed,
      boolean asFile) {
    IpcOption option = IpcOption.DEFAULT;
    CompressionUtil.CodecType codec = CompressionUtil.CodecType.ZSTD;
    if (asFile) {
      return compressed
          ? new ArrowFileWriter(
              root,
              provider,
              Channels.newChannel(out),
              null,
              option,
              CommonsCompressionFactory.INSTANCE,
              codec)
          : new ArrowFileWriter(root, provider, Channels.newChannel(out));
    }
    return compressed
        ? new ArrowStreamWriter(
            root,
            provider,
            Channels.newChannel(out),
            option,
            CommonsCompressionFactory.INSTANCE,
            codec)
        : new ArrowStreamWriter(root, provider, Channels.newChannel(out));
  }

  @Test
  void readsArrowFilesAndStreamsCompressedOrNot() throws Exception {
    for (boolean compressed : new boolean[] {false, true}) {
      for (boolean asFile : new boolean[] {false, true}) {
        Reading reading = Reading.of(arrow(compressed, asFile, 100));
        assertThat(reading.types().keySet()).containsExactly("id", "at", "city $");
        assertThat(reading.types())
            .containsEntry("city $", "string")
            .containsEntry("at", "timestamp");
        assertThat(reading.rows).hasSize(200);
        assertThat(reading.column("city $").subList(0, 4))
            .containsExactly("Graz", null, "Köln", null);
        assertThat(reading.rows.get(102).getField("at"))
            .isEqualTo(LocalDateTime.of(1970, 1, 1, 0, 0, 0, 2000));
      }
    }
  }
}
