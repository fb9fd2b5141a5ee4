package dev.firn.catalog.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.catalog.jdbc.Names.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * At 100,000 tables in 1,000 namespaces of 10 regions, nothing that looks up or lists reads all of
 * them: every look goes through an index.
 */
abstract class NamesAtScaleContract {
  private static final int REGIONS = 10;
  private static final int SHOPS = 100;
  private static final int TABLES = 100;

  private Database database;

  /** Where the database of this test is. */
  abstract String uri();

  /** Returns the plan of a statement, whatever its parameters, a line per step. */
  abstract List<String> plan(Connection connection, String sql) throws SQLException;

  /** Whether a step of a plan finds its rows by an index. */
  abstract boolean usesIndex(String step);

  /** Whether a step of a plan reads all of a table. */
  abstract boolean readsAll(String step);

  @BeforeEach
  void open() {
    database = Connections.open(uri(), Map.of(), UnaryOperator.identity());
    Namespaces namespaces = new Namespaces(database, "firn");
    // Of another catalog, to be left out.
    new Namespaces(database, "other").create(Namespace.of("region3"), Map.of());
    for (int region = 0; region < REGIONS; region++) {
      namespaces.create(Namespace.of("region" + region), Map.of("owner", "ann"));
    }
    database.write(
        "fill",
        connection -> {
          fill(connection);
          return Database.Decision.commit(true);
        });
  }

  @AfterEach
  void close() {
    database.close();
  }

  private static void fill(Connection connection) throws SQLException {
    insert(
        connection,
        REGIONS * SHOPS,
        "INSERT INTO iceberg_namespace_properties(catalog_name, namespace, property_key,"
            + " property_value) WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n"
            + " WHERE i < ? - 1) SELECT 'firn', 'region' || (i / %d) || '.shop' || (i %% %d),"
                .formatted(SHOPS, SHOPS)
            + " 'exists', 'true' FROM n");
    insert(
        connection,
        REGIONS * SHOPS * TABLES,
        "INSERT INTO iceberg_tables(catalog_name, table_namespace, table_name, metadata_location,"
            + " iceberg_type) WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE"
            + " i < ? - 1) SELECT 'firn', 'region' || (i / %d) || '.shop' || (i / %d %% %d),"
                .formatted(SHOPS * TABLES, TABLES, SHOPS)
            + " 'table' || (i %% %d), 's3://lake/' || i, 'TABLE' FROM n".formatted(TABLES));
    try (Statement analyze = connection.createStatement()) {
      analyze.execute("ANALYZE");
    }
  }

  private static void insert(Connection connection, int rows, String sql) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      insert.setInt(1, rows);
      assertThat(insert.executeUpdate()).isEqualTo(rows);
    }
  }

  @Test
  void everyLookGoesThroughAnIndex() {
    NamespaceSql sql = NamespaceSql.of(database.dialect());
    Map<String, String> statements =
        Map.of(
            "find a table", Names.findSql(Kind.TABLE),
            "find a view", Names.findSql(Kind.VIEW),
            "list tables", Names.listSql(Kind.TABLE),
            "list views", Names.listSql(Kind.VIEW),
            "namespace exists", sql.exists(),
            "hold a namespace", sql.lockShared(),
            "children with tables", sql.childTables(),
            "children with properties", sql.childNamespaces());
    SoftAssertions softly = new SoftAssertions();
    statements.forEach(
        (what, statement) -> {
          List<String> plan = database.read("explain", connection -> plan(connection, statement));
          softly.assertThat(plan).as(what).anyMatch(this::usesIndex).noneMatch(this::readsAll);
        });
    softly.assertAll();
    assertListings();
  }

  private void assertListings() {
    Namespaces namespaces = new Namespaces(database, "firn");
    Names names = new Names(database, "firn");

    assertThat(namespaces.children(Namespace.empty())).hasSize(REGIONS);
    assertThat(namespaces.children(Namespace.of("region7"))).hasSize(SHOPS);
    assertThat(namespaces.children(Namespace.of("region7", "shop7"))).isEmpty();
    assertThat(names.list(Namespace.of("region7", "shop42"), Kind.TABLE)).hasSize(TABLES);
    assertThat(names.list(Namespace.of("region7"), Kind.TABLE)).isEmpty();
    assertThat(names.find(TableIdentifier.of("region7", "shop42", "table3"), Kind.TABLE))
        .contains("s3://lake/74203");
    assertThat(namespaces.exists(Namespace.of("region7", "shop42"))).isTrue();
    assertThat(namespaces.exists(Namespace.of("region7", "shop"))).isFalse();
  }

  static List<String> lines(PreparedStatement statement, int column) throws SQLException {
    List<String> all = new ArrayList<>();
    try (ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        all.add(rows.getString(column));
      }
    }
    return all;
  }
}
