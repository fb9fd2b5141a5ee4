package dev.firn.format.parquet.attack;

import static dev.firn.format.parquet.attack.HostileFile.bytes;
import static dev.firn.format.parquet.attack.HostileFile.group;
import static dev.firn.format.parquet.attack.HostileFile.leaf;
import static dev.firn.format.parquet.attack.HostileFile.root;
import static dev.firn.format.parquet.attack.HostileFile.varints;
import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.parquet.filter.RowGroupPruner;
import dev.firn.testing.ArrowLeakCheck;
import java.io.ByteArrayOutputStream;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.Type;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Repetition and definition levels that do not make rows, or not the same ones. */
@ExtendWith(ArrowLeakCheck.class)
class LevelsAttackTest {
  private static final FieldRepetitionType OPTIONAL = FieldRepetitionType.OPTIONAL;

  /** Lists of structs of two numbers; definition levels: 1 list, 2 element, 3 struct, 4 number. */
  static final Schema SCHEMA =
      new Schema(
          optional(
              1,
              "l",
              Types.ListType.ofOptional(
                  2,
                  Types.StructType.of(
                      optional(3, "a", Types.IntegerType.get()),
                      optional(4, "b", Types.IntegerType.get())))),
          optional(5, "flat", Types.IntegerType.get()));

  private BufferAllocator allocator;

  @BeforeEach
  void open(BufferAllocator root) {
    allocator = root;
  }

  static HostileFile.Chunk column(String name, int[] rep, int[] def) {
    int values = 0;
    for (int level : def) {
      values += level == 4 ? 1 : 0;
    }
    HostileFile.Chunk chunk = new HostileFile.Chunk(Type.INT32, "l", "list", "element", name);
    chunk.v2(rep.length, Encoding.PLAIN, runs(rep), runs(def), new byte[4 * values]);
    return chunk;
  }

  private static byte[] runs(int[] levels) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int level : levels) {
      out.writeBytes(varints(2));
      out.write(level);
    }
    return out.toByteArray();
  }

  static byte[] file(int rows, HostileFile.Chunk a, HostileFile.Chunk b) {
    HostileFile.Chunk flat = new HostileFile.Chunk(Type.INT32, "flat");
    flat.v2(rows, Encoding.PLAIN, bytes(), HostileFile.run(rows, 1), new byte[4 * rows]);
    return new HostileFile(
            root(2),
            group("l", 1, OPTIONAL, 1),
            group("list", 0, FieldRepetitionType.REPEATED, 1),
            group("element", 2, OPTIONAL, 2),
            leaf("a", 3, OPTIONAL, Type.INT32),
            leaf("b", 4, OPTIONAL, Type.INT32),
            leaf("flat", 5, OPTIONAL, Type.INT32))
        .chunk(a)
        .chunk(b)
        .chunk(flat)
        .layOut(rows)
        .bytes();
  }

  private long read(byte[] file, Expression filter) {
    return HostileFile.read(file, SCHEMA, filter, RowGroupPruner.Means.ALL, allocator);
  }

  private void corrupt(int rows, String message, int[]... levels) {
    int[] repB = levels.length > 2 ? levels[2] : levels[0];
    int[] defB = levels.length > 2 ? levels[3] : levels[1];
    byte[] file = file(rows, column("a", levels[0], levels[1]), column("b", repB, defB));
    assertThatThrownBy(() -> read(file, Expressions.alwaysTrue()))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining(message);
  }

  private static int[] of(int... levels) {
    return levels;
  }

  @Test
  void soundLevelsAreRead() {
    int[] rep = of(0, 1, 0, 0, 0);
    int[] def = of(4, 4, 1, 0, 3);
    byte[] file = file(4, column("a", rep, def), column("b", rep, of(3, 4, 1, 0, 4)));
    assertThat(read(file, Expressions.alwaysTrue())).isEqualTo(4);
  }

  @Test
  void rowsThatStartWithinARow() {
    corrupt(2, "a row starts with repetition level 1", of(1, 0, 0), of(4, 4, 4));
  }

  @Test
  void listsThatGoOnWithoutHavingBegun() {
    String message = "go on with a list that has no element";
    corrupt(2, message, of(0, 1, 0), of(0, 4, 4)); // null
    corrupt(2, message, of(0, 1, 0), of(1, 4, 4)); // empty
    corrupt(2, message, of(0, 1, 0), of(4, 1, 4)); // goes on with nothing
    corrupt(2, message, of(0, 1, 0), of(4, 0, 4));
  }

  @Test
  void columnsOfOneStructThatDisagree() {
    int[] rep = of(0, 1, 0);
    corrupt(2, "do not agree", rep, of(4, 4, 4), rep, of(4, 2, 4)); // a struct null in one
    corrupt(2, "do not agree", rep, of(4, 4, 4), of(0, 0, 1), of(4, 4, 4)); // other lists
    corrupt(2, "", rep, of(4, 4, 4), of(0, 1, 1, 0), of(4, 4, 4, 4)); // longer in one
    corrupt(2, "", rep, of(4, 4, 4), rep, of(4, 4, 1)); // empty in one
  }

  @Test
  void fewerOrMoreRowsThanTheRowGroup() {
    corrupt(3, "fewer than the row group", of(0, 1, 0), of(4, 4, 4));
    corrupt(4, "it claims 3 values for 4 rows", of(0, 1, 0), of(4, 4, 4));
  }

  @RepeatedTest(8)
  void levelsAtRandomAreRowsOrCorrupt(RepetitionInfo repetition) {
    long seed = Long.getLong("firn.attack.seed", 5) * 1000 + repetition.getCurrentRepetition();
    Random random = new Random(seed);
    int sound = 0;
    for (int i = 0; i < 400; i++) {
      int rows = 1 + random.nextInt(6);
      int[] rep = levels(random, rows);
      int[] def = new int[rep.length];
      int[] other = new int[rep.length];
      for (int at = 0; at < def.length; at++) {
        def[at] = rep[at] == 1 ? 2 + random.nextInt(3) : random.nextInt(5);
        other[at] = def[at] >= 3 && random.nextInt(9) > 0 ? 3 + random.nextInt(2) : def[at];
      }
      if (random.nextInt(4) == 0) {
        other[random.nextInt(other.length)] = random.nextInt(5);
      }
      byte[] file = file(rows, column("a", rep, def), column("b", rep, other));
      Expression filter =
          random.nextBoolean() ? Expressions.alwaysTrue() : Expressions.notNull("l");
      try {
        assertThat(read(file, filter)).isLessThanOrEqualTo(rows);
        sound++;
      } catch (FirnException e) {
        assertThat(e.kind()).as("seed %d round %d: %s", seed, i, e).isEqualTo(ErrorKind.CORRUPT);
      }
      assertThat(allocator.getAllocatedMemory()).as("seed %d round %d", seed, i).isZero();
    }
    assertThat(sound).isPositive();
  }

  private static int[] levels(Random random, int rows) {
    int[] more = new int[rows + random.nextInt(8)];
    int started = 0;
    for (int i = 0; i < more.length; i++) {
      boolean must = more.length - i == rows - started;
      more[i] = i == 0 || must || random.nextInt(3) == 0 ? 0 : 1;
      started += more[i] == 0 ? 1 : 0;
    }
    return more;
  }
}
