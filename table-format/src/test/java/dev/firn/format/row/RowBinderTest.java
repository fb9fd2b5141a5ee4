package dev.firn.format.row;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RowBinderTest {
  enum Status {
    OPEN,
    PAID
  }

  record Address(String street, int number) {}

  record Everything(
      boolean flag,
      short narrow,
      Integer boxed,
      long wide,
      double real,
      BigDecimal price,
      BigInteger count,
      String text,
      Status status,
      UUID key,
      LocalDate day,
      LocalTime time,
      LocalDateTime local,
      Instant at,
      ByteBuffer bytes,
      Optional<String> note,
      List<Address> addresses,
      Set<Long> numbers,
      Map<String, Double> rates,
      Address home) {}

  private static Everything everything() {
    return new Everything(
        true,
        (short) 7,
        null,
        9L,
        -0.0,
        new BigDecimal("1.5000000000"),
        BigInteger.TEN,
        "ü",
        Status.PAID,
        new UUID(1, 2),
        LocalDate.EPOCH,
        LocalTime.NOON,
        LocalDateTime.of(2024, 2, 29, 1, 2),
        Instant.EPOCH,
        ByteBuffer.wrap(new byte[] {1}),
        Optional.empty(),
        Arrays.asList(new Address("a", 1), null),
        Set.of(5L),
        Map.of("x", 2.5),
        new Address("b", 2));
  }

  @Test
  void recordsComeBackEqualUnderTheSchemaTheyImply() {
    Schema schema = RowBinder.schemaOf(Everything.class);
    RowBinder<Everything> binder = RowBinder.of(Everything.class, schema);
    Record row = binder.toRecord(everything());
    assertThat(row.getField("status")).isEqualTo("PAID");
    assertThat(row.getField("at")).isEqualTo(Instant.EPOCH.atOffset(ZoneOffset.UTC));
    assertThat(row.getField("narrow")).isEqualTo(7);
    assertThat(binder.fromRecord(row)).isEqualTo(everything());
    // What the binder makes is what a writer takes.
    assertThat(new RowConformer(schema, "t").conform(row).row()).isSameAs(row);
  }

  @Test
  void schemasRequirePrimitivesOnly() {
    record Item(int id, Integer qty, List<Integer> marks) {}
    assertThat(RowBinder.schemaOf(Item.class).asStruct())
        .isEqualTo(
            Types.StructType.of(
                required(1, "id", Types.IntegerType.get()),
                optional(2, "qty", Types.IntegerType.get()),
                optional(3, "marks", Types.ListType.ofOptional(4, Types.IntegerType.get()))));
  }

  /** A bean as people write them. */
  public static class Customer {
    private long id;
    private String name = "";
    private boolean active;
    private int[] marks = {};

    public long getId() {
      return id;
    }

    public void setId(long id) {
      this.id = id;
    }

    public String getName() {
      return name;
    }

    public void setName(String name) {
      this.name = name;
    }

    public boolean isActive() {
      return active;
    }

    public void setActive(boolean active) {
      this.active = active;
    }

    public int[] getMarks() {
      return marks;
    }

    public void setMarks(int[] marks) {
      this.marks = marks;
    }
  }

  @Test
  void beansComeBackEqual() {
    Schema schema = RowBinder.schemaOf(Customer.class);
    assertThat(schema.columns().stream().map(Types.NestedField::name))
        .containsExactly("id", "name", "active", "marks");
    RowBinder<Customer> binder = RowBinder.of(Customer.class, schema);
    Customer customer = new Customer();
    customer.setId(4);
    customer.setName("n");
    customer.setActive(true);
    customer.setMarks(new int[] {1, 2});
    Customer back = binder.fromRecord(binder.toRecord(customer));
    assertThat(back).usingRecursiveComparison().isEqualTo(customer);
  }

  @Test
  void namesMatchExactlyOrElseWithoutCase() {
    record Order(long orderId) {}
    Schema schema = new Schema(required(1, "ORDERID", Types.LongType.get()));
    assertThat(RowBinder.of(Order.class, schema).toRecord(new Order(3)).get(0)).isEqualTo(3L);
    Schema twice =
        new Schema(
            required(1, "ORDERID", Types.LongType.get()),
            required(2, "orderid", Types.LongType.get()));
    assertInvalid(() -> RowBinder.of(Order.class, twice), "component orderId", "but for case");
    Schema other = new Schema(required(1, "order_id", Types.LongType.get()));
    assertInvalid(
        () -> RowBinder.of(Order.class, other), "component orderId", "did you mean order_id?");
  }

  @Test
  void typesThatNeverFitAreRefusedWithBothNamed() {
    record Order(String id) {}
    Schema schema = new Schema(required(1, "id", Types.LongType.get()));
    assertInvalid(
        () -> RowBinder.of(Order.class, schema),
        "Order",
        "component id",
        "column id",
        "required long",
        "java.lang.String");
  }

  @Test
  void valuesThatDoNotFitAreRefused() {
    record Wide(long id, BigDecimal price) {}
    Schema schema =
        new Schema(
            required(1, "id", Types.IntegerType.get()),
            required(2, "price", Types.DecimalType.of(5, 2)));
    RowBinder<Wide> binder = RowBinder.of(Wide.class, schema);
    assertThat(binder.toRecord(new Wide(1, new BigDecimal("1.5"))).get(1))
        .isEqualTo(new BigDecimal("1.50"));
    assertInvalid(() -> binder.toRecord(new Wide(1L << 40, BigDecimal.ONE)), "component id", "int");
    assertInvalid(
        () -> binder.toRecord(new Wide(1, new BigDecimal("1.005"))), "component price", "1.005");
    assertInvalid(() -> binder.toRecord(new Wide(1, null)), "component price", "null");
  }

  @Test
  void nullForAPrimitiveComponentIsRefused() {
    record Order(long id) {}
    Schema schema = new Schema(optional(1, "id", Types.LongType.get()));
    RowBinder<Order> binder = RowBinder.of(Order.class, schema);
    assertInvalid(
        () -> binder.fromRecord(GenericRecord.create(schema)), "component id", "long", "null");
  }

  @Test
  void columnsWithoutAComponentTakeTheirDefaultOrRefuse() {
    record Order(long id) {}
    Schema schema =
        new Schema(
            required(1, "id", Types.LongType.get()),
            Types.NestedField.required("state")
                .withId(2)
                .ofType(Types.StringType.get())
                .withWriteDefault(Expressions.lit("new"))
                .build());
    assertThat(RowBinder.of(Order.class, schema).toRecord(new Order(1)).get(1)).isEqualTo("new");
    Schema strict =
        new Schema(
            required(1, "id", Types.LongType.get()), required(2, "day", Types.DateType.get()));
    RowBinder<Order> binder = RowBinder.of(Order.class, strict);
    assertInvalid(() -> binder.toRecord(new Order(1)), "required column day");
    Record row = GenericRecord.create(strict);
    row.set(0, 8L);
    assertThat(binder.fromRecord(row)).isEqualTo(new Order(8));
  }

  record Node(long id, List<Node> children) {}

  @Test
  void classesThatContainThemselvesAreRefused() {
    assertInvalid(() -> RowBinder.schemaOf(Node.class), "Node", "contains itself");
  }

  record Strict(int id) {
    Strict {
      if (id < 0) {
        throw new IllegalStateException("negative");
      }
    }
  }

  @Test
  void aConstructorThatRefusesIsReported() {
    Schema schema = RowBinder.schemaOf(Strict.class);
    Record row = GenericRecord.create(schema);
    row.set(0, -1);
    assertInvalid(() -> RowBinder.of(Strict.class, schema).fromRecord(row), "Strict", "negative");
  }

  private static void assertInvalid(ThrowingCallable call, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContainingAll(parts);
  }
}
