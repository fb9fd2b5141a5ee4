package dev.firn.catalog.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.jdbc.Names.Kind;
import dev.firn.testing.FaultyDataSource;
import dev.firn.testing.SqlFault;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NamespaceNotEmptyException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What names of tables, views and namespaces do, whatever database holds them. */
abstract class NamesContract {
  private static final Namespace SHOP = Namespace.of("shop");
  private static final TableIdentifier ORDERS = TableIdentifier.of(SHOP, "orders");
  private static final TableIdentifier RECENT = TableIdentifier.of(SHOP, "recent");

  /** What can stand before, at and after the dot, in the order of bytes and in that of words. */
  private static final List<String> SIGNS =
      List.of("a", "b", "B", " ", "-", "/", "0", "_", "%", "é", "z", "𝒳");

  private static final String DONE = "done";

  private FaultyDataSource calls;
  private Database database;
  private Database others;
  private Namespaces namespaces;
  private Names names;

  /** Where the database of this test is. */
  abstract String uri();

  @BeforeEach
  void open() {
    database =
        Connections.open(
            uri(),
            Map.of(),
            pool -> {
              calls = new FaultyDataSource(pool);
              return calls;
            });
    namespaces = new Namespaces(database, "firn");
    names = new Names(database, "firn");
    others = Connections.open(uri(), Map.of(), UnaryOperator.identity());
    namespaces.create(SHOP, Map.of());
  }

  @AfterEach
  void close() {
    database.close();
    others.close();
  }

  @Test
  void childrenAreThoseOfAllNamespaces() {
    long seed = Long.getLong("firn.names.seed", 1);
    Random random = new Random(seed);
    Set<Namespace> all = new TreeSet<>((a, b) -> a.toString().compareTo(b.toString()));
    all.add(SHOP);
    for (int i = 0; i < 150; i++) {
      Namespace namespace = Namespace.of(levels(random));
      if (all.add(namespace) && !namespaces.exists(namespace)) {
        namespaces.create(namespace, Map.of("n", Integer.toString(i)));
      }
      if (random.nextBoolean()) {
        names.create(TableIdentifier.of(namespace, "t" + i), Kind.TABLE, "m" + i);
      }
    }
    Set<Namespace> parents = new TreeSet<>((a, b) -> a.toString().compareTo(b.toString()));
    all.forEach(each -> IntStream.range(0, each.length()).forEach(n -> parents.add(top(each, n))));

    for (Namespace parent : parents) {
      Set<String> expected =
          all.stream()
              .filter(each -> each.length() > parent.length())
              .filter(each -> top(each, parent.length()).equals(parent))
              .map(each -> top(each, parent.length() + 1).toString())
              .collect(Collectors.toSet());
      assertThat(namespaces.children(parent))
          .as("seed %d, parent '%s'", seed, parent)
          .extracting(Namespace::toString)
          .containsExactlyInAnyOrderElementsOf(expected);
      assertThat(namespaces.exists(parent)).isTrue();
    }
  }

  private static String[] levels(Random random) {
    String[] levels = new String[1 + random.nextInt(3)];
    Arrays.setAll(
        levels,
        n ->
            random
                .ints(1 + random.nextInt(2), 0, SIGNS.size())
                .mapToObj(SIGNS::get)
                .collect(Collectors.joining()));
    return levels;
  }

  private static Namespace top(Namespace namespace, int levels) {
    return Namespace.of(Arrays.copyOf(namespace.levels(), levels));
  }

  @Test
  void propertiesChangeTogetherOrNotAtAll() {
    namespaces.set(SHOP, Map.of("owner", "ann", "tier", "gold"));

    assertThatThrownBy(() -> namespaces.set(SHOP, Map.of("owner", "bob", "exists", "false")))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(namespaces.properties(SHOP)).isEqualTo(Map.of("owner", "ann", "tier", "gold"));
    assertThat(namespaces.remove(SHOP, Set.of("owner", "none"))).isTrue();
    assertThat(namespaces.remove(SHOP, Set.of("owner"))).isFalse();
    assertThat(namespaces.properties(SHOP)).isEqualTo(Map.of("tier", "gold"));
  }

  /** As PyIceberg writes it where it is given properties. */
  @Test
  void namespaceWithoutTheRowThatSaysItExistsOutlivesItsLastProperty() {
    namespaces.set(SHOP, Map.of("owner", "ann"));
    sql("DELETE FROM iceberg_namespace_properties WHERE property_key = 'exists'");

    assertThat(namespaces.exists(SHOP)).isTrue();
    namespaces.remove(SHOP, Set.of("owner"));

    assertThat(namespaces.exists(SHOP)).isTrue();
    assertThat(namespaces.drop(SHOP)).isTrue();
    assertThat(namespaces.drop(SHOP)).isFalse();
  }

  @Test
  void namespaceThatHoldsAnythingStays() {
    names.create(ORDERS, Kind.VIEW, "m0");
    assertThatThrownBy(() -> namespaces.drop(SHOP)).isInstanceOf(NamespaceNotEmptyException.class);
    names.drop(ORDERS, Kind.VIEW, "m0");

    namespaces.create(Namespace.of("shop", "archive"), Map.of());
    assertThatThrownBy(() -> namespaces.drop(SHOP)).isInstanceOf(NamespaceNotEmptyException.class);
    assertThat(namespaces.drop(Namespace.of("shop", "archive"))).isTrue();
    assertThat(namespaces.drop(SHOP)).isTrue();
  }

  @Test
  void dropAndRenameTakeOnlyWhatTheyNamed() {
    names.create(ORDERS, Kind.TABLE, "m0");

    assertThat(names.drop(ORDERS, Kind.VIEW, "m0")).isFalse();
    assertThat(names.drop(ORDERS, Kind.TABLE, "m1")).isFalse();
    assertThat(names.swapView(ORDERS, "m0", "m1")).isFalse();
    assertThatThrownBy(() -> names.rename(RECENT, ORDERS, Kind.TABLE))
        .isInstanceOf(NoSuchTableException.class);
    assertThatThrownBy(() -> names.rename(ORDERS, TableIdentifier.of("no", "t"), Kind.TABLE))
        .isInstanceOf(NoSuchNamespaceException.class);
    assertThat(names.find(ORDERS, Kind.TABLE)).contains("m0");
    assertThat(names.drop(ORDERS, Kind.TABLE, "m0")).isTrue();
  }

  /** Drops and creates race: what was created is in a namespace that is there. */
  @Test
  void noTableIsCreatedInANamespaceThatGoes() throws Exception {
    race(
        60,
        i -> () -> outcome(() -> names.create(id("race" + i, "t"), Kind.TABLE, "m" + i)),
        i -> () -> outcome(() -> namespaces.drop(Namespace.of("race" + i))),
        i -> namespaces.create(Namespace.of("race" + i), Map.of("owner", "ann")),
        (i, created, dropped) -> {
          assertThat(List.of(created, dropped))
              .as("race %d", i)
              .isIn(
                  List.of(DONE, "NamespaceNotEmptyException"),
                  List.of("NoSuchNamespaceException", DONE));
          assertThat(names.find(id("race" + i, "t"), Kind.TABLE).isPresent())
              .isEqualTo(created.equals(DONE));
        });
  }

  @Test
  void nameIsTakenOnce() throws Exception {
    race(
        30,
        i -> () -> outcome(() -> names.create(id("shop", "t" + i), Kind.TABLE, "table" + i)),
        i -> () -> outcome(() -> names.create(id("shop", "t" + i), Kind.VIEW, "view" + i)),
        i -> {},
        (i, table, view) ->
            assertThat(List.of(table, view))
                .containsExactlyInAnyOrder(DONE, AlreadyExistsException.class.getSimpleName()));
  }

  @Test
  void propertiesSetTogetherStayTogether() throws Exception {
    race(
        30,
        i -> () -> outcome(() -> namespaces.set(SHOP, Map.of("a", "1" + i, "b", "1" + i))),
        i -> () -> outcome(() -> namespaces.set(SHOP, Map.of("b", "2" + i, "a", "2" + i))),
        i -> {},
        (i, one, two) -> {
          assertThat(List.of(one, two)).containsOnly(DONE);
          Map<String, String> after = namespaces.properties(SHOP);
          assertThat(after.get("a")).isEqualTo(after.get("b")).endsWith("" + i);
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void changesAreAppliedExactlyWhenTheyAreAcknowledged(boolean after) {
    int nth = 1;
    while (failOne(nth, after)) {
      nth++;
    }
    assertThat(nth).as("calls on the database").isGreaterThan(20);
  }

  /** Fails one call of a series of changes; whether there was such a call. */
  private boolean failOne(int nth, boolean after) {
    Namespace namespace = Namespace.of("ns" + nth + after);
    TableIdentifier view = TableIdentifier.of(namespace, "v");
    TableIdentifier moved = TableIdentifier.of(namespace, "w");
    calls.reset();
    calls.add(after ? SqlFault.after(nth) : SqlFault.before(nth));
    String said = DONE;
    List<Runnable> steps =
        List.of(
            () -> namespaces.create(namespace, Map.of("a", "1")),
            () -> namespaces.set(namespace, Map.of("a", "2", "b", "2")),
            () -> namespaces.remove(namespace, Set.of("a")),
            () -> names.create(view, Kind.VIEW, "m0"),
            () -> assertThat(names.swapView(view, "m0", "m1")).isTrue(),
            () -> names.rename(view, moved, Kind.VIEW),
            () -> assertThat(names.drop(moved, Kind.VIEW, "m1")).isTrue(),
            () -> assertThat(namespaces.drop(namespace)).isTrue());
    List<String> states =
        List.of("", "{a=1}", "{a=2, b=2}", "{b=2}", "{b=2}v0", "{b=2}v1", "{b=2}w1", "{b=2}", "");
    int step = 0;
    for (; step < steps.size() && said.equals(DONE); step++) {
      said = outcome(steps.get(step));
      assertThat(state(namespace, view, moved))
          .as("call %d failed, step %d said '%s'", nth, step, said)
          .isEqualTo(states.get(said.equals(DONE) ? step + 1 : step));
    }
    return calls.failed() > 0;
  }

  private String state(Namespace namespace, TableIdentifier view, TableIdentifier moved) {
    Namespaces seen = new Namespaces(others, "firn");
    Names there = new Names(others, "firn");
    return seen.exists(namespace)
        ? seen.properties(namespace)
            + there.find(view, Kind.VIEW).map(at -> at.replace("m", "v")).orElse("")
            + there.find(moved, Kind.VIEW).map(at -> at.replace("m", "w")).orElse("")
        : "";
  }

  private static String outcome(Runnable work) {
    try {
      work.run();
      return DONE;
    } catch (RuntimeException e) {
      // That the database was lost for good is no outcome that these tests bring about.
      assertThat(e).isNotInstanceOf(CommitStateUnknownException.class);
      return e.getClass().getSimpleName();
    }
  }

  private interface Check {
    void check(int round, String one, String two);
  }

  private static void race(
      int rounds,
      IntFunction<Callable<String>> one,
      IntFunction<Callable<String>> two,
      IntConsumer prepare,
      Check check)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int i = 0; i < rounds; i++) {
        prepare.accept(i);
        List<String> said = new ArrayList<>();
        for (Future<String> each : threads.invokeAll(List.of(one.apply(i), two.apply(i)))) {
          said.add(each.get());
        }
        check.check(i, said.get(0), said.get(1));
      }
    } finally {
      threads.shutdown();
    }
  }

  private static TableIdentifier id(String namespace, String name) {
    return TableIdentifier.of(namespace, name);
  }

  private void sql(String statement) {
    others.write(
        "prepare the test",
        connection -> {
          try (Statement change = connection.createStatement()) {
            change.execute(statement);
          }
          return Database.Decision.commit(true);
        });
  }
}
