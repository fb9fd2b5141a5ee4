package dev.firn.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SqlScriptTest {
  @Test
  void splitsAtSemicolonsOutsideQuotesAndComments() {
    assertThat(
            SqlScript.split(
                """
                select ';', 'it''s;', "a"";b" from t; -- one; two
                /* ; */ select $$;$$, $x$ ; $$ ; $x$, e'\\';' ; ;
                """))
        .containsExactly(
            "select ';', 'it''s;', \"a\"\";b\" from t",
            "-- one; two\n/* ; */ select $$;$$, $x$ ; $$ ; $x$, e'\\';'");
  }

  @Test
  void leavesOutStatementsOfCommentsAlone() {
    assertThat(SqlScript.split(" ; -- nothing\n;/* here */;\n")).isEmpty();
    assertThat(SqlScript.split("")).isEmpty();
  }

  @Test
  void keepsWhatIsNotTerminated() {
    assertThat(SqlScript.split("select 'open; quote")).containsExactly("select 'open; quote");
    assertThat(SqlScript.split("select 1 /* open; comment"))
        .containsExactly("select 1 /* open; comment");
  }

  @Test
  void splitsLongTextsWithoutDeepRecursion() {
    String text = "'" + "x''y;".repeat(200_000) + "'";
    String name = "abc".repeat(200_000);
    assertThat(SqlScript.split("select " + text + "; select " + name)).hasSize(2);
  }

  @Test
  void findsTheFirstWordBehindComments() {
    String statement = "/* a */ -- b\n  explain select 1";
    assertThat(statement.substring(SqlScript.firstWord(statement))).isEqualTo("explain select 1");
  }
}
