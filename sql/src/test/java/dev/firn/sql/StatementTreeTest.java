package dev.firn.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatementTreeTest {
  private static Connection duck;

  @BeforeAll
  static void open() throws SQLException {
    duck = DriverManager.getConnection("jdbc:duckdb:");
  }

  @AfterAll
  static void close() throws SQLException {
    duck.close();
  }

  @Test
  void findsEveryMentionOfATable() throws SQLException {
    StatementTree tree =
        StatementTree.parse(
            duck,
            """
            with c as (select id from shop.orders union select id from "x.y".z)
            select id from c where exists (select 1 from shop.orders o where o.id = c.id)
              and id in (select v from a.b.t)""");
    assertThat(tree.tables())
        .containsExactlyInAnyOrder(
            List.of("shop", "orders"),
            List.of("x.y", "z"),
            List.of("shop", "orders"),
            List.of("a", "b", "t"));
    assertThat(tree.allColumns()).isFalse();
    assertThat(tree.mentions()).contains("id", "v").doesNotContain("total");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select * from shop.orders",
        "from shop.orders",
        "select o.* from shop.orders o",
        "select columns('a.*') from shop.orders",
        "select a from shop.orders natural join shop.items",
        "select a from shop.orders as o(a, b)",
        "select o from shop.orders o",
        "select orders from shop.orders",
        "select q from (select id as x from shop.orders) q",
        "select #1 from shop.orders",
        "describe shop.orders",
        "summarize shop.orders",
        "select x from (pivot shop.orders on st in ('a') using sum(x))",
        "select x from (unpivot shop.orders on a, b into name n value x)"
      })
  void needsAllColumnsWhereOneMayBeReachedWithoutItsName(String query) throws SQLException {
    assertThat(StatementTree.parse(duck, query).allColumns()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select count(*) from shop.orders",
        "select Id, o.s.f from shop.orders o join shop.items i using (k) where \"B b\" > 1 order by id",
        "select sum(total) as total from shop.orders group by id order by total",
        "select sum(total) over (partition by id) from shop.orders qualify row_number() over () = 1"
      })
  void needsMentionedColumnsAlone(String query) throws SQLException {
    assertThat(StatementTree.parse(duck, query).allColumns()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create table x (i int)",
        "insert into shop.orders values (1)",
        "delete from shop.orders",
        "with x as (insert into t values (1) returning *) select * from x",
        "copy (select 1) to 'x.csv'",
        "attach 'x.db'",
        "set threads = 4",
        "pragma version",
        "call pragma_version()",
        "install httpfs",
        "select * from shop.orders at (version => 3)"
      })
  void refusesWhatIsNoQuery(String statement) {
    assertThatThrownBy(() -> StatementTree.parse(duck, statement))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageStartingWith("Cannot run the SQL statement: ")
        .hasMessageContaining("expected SELECT");
  }

  @Test
  void tellsWhereTheSyntaxIsWrong() {
    assertThatThrownBy(() -> StatementTree.parse(duck, "select 1\nfrom from x"))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessage(
            "Cannot run the SQL statement: syntax error at or near \"from\" (line 2, column 6)");
  }
}
