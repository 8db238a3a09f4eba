# Copyright (C) recs authors

# Sources are found by their place: core/ goes into the builder and into the
# module, builder/ into the builder, t/unit/NAME_test.c is one test program.

B = build
CC = gcc
OPT = -O2 -g
WARN = -W -Wall -Wextra -Wpointer-arith -Wwrite-strings -Wmissing-prototypes \
	-Wno-unused-parameter -Werror
HARDEN = -fstack-protector-strong -D_FORTIFY_SOURCE=2
SAN =
CFLAGS = -std=gnu99 $(OPT) $(WARN) $(HARDEN) -I. -fPIC $(SAN)
LDFLAGS = -Wl,-z,relro -Wl,-z,now $(SAN)
LIBS = -llmdb -lmsgpackc -ljansson -lhiredis -lconfuse -lcsv -lzstd -lz \
	-lcrypto -lxxhash -llapacke -lopenblas -lxgboost -lpthread -lm
NGINX_SRC = /usr/share/nginx/src
NGINX_OPT = -O2 -g -fPIC -fno-plt -fno-semantic-interposition \
	-D_FORTIFY_SOURCE=2
JOBS = 2

CORE_SRC = $(sort $(wildcard core/*.c core/*/*.c))
BUILDER_SRC = $(sort $(wildcard builder/*.c builder/*/*.c))
MODULE_SRC = config $(sort $(wildcard ngx_http_recs_module/*.[ch])) \
	$(CORE_SRC) $(sort $(wildcard core/*.h core/*/*.h))
CORE_OBJ = $(CORE_SRC:%.c=$(B)/obj/%.o)
BUILDER_OBJ = $(BUILDER_SRC:%.c=$(B)/obj/%.o)
LIB_OBJ = $(filter-out $(B)/obj/builder/main.o,$(BUILDER_OBJ))
UNIT = $(patsubst t/unit/%.c,$(B)/unit/%.t,$(wildcard t/unit/*_test.c))
TOOLS = $(patsubst t/tool/%.c,$(B)/tool/%,$(wildcard t/tool/*.c))
FUZZ = $(patsubst t/fuzz/%.c,$(B)/fuzz/%,$(wildcard t/fuzz/*_fuzz.c))

MODULE = $(B)/ngx_http_recs_module.so
BUILDER = $(B)/recs-builder


all: deps
	@$(MAKE) --no-print-directory -j$(JOBS) build

build: $(BUILDER) module

module: $(MODULE)

builder: $(BUILDER)

deps:
	@misc/install-deps build

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libcore.a: $(CORE_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(B)/libbuilder.a: $(LIB_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(BUILDER): $(B)/obj/builder/main.o $(B)/libbuilder.a $(B)/libcore.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

# nginx's own build of a dynamic module, against the headers of nginx-dev; it
# is configured anew when "config" changes or a source comes or goes

$(B)/nginx/sources: FORCE
	@mkdir -p $(@D)
	@echo '$(MODULE_SRC)' | cmp -s - $@ || echo '$(MODULE_SRC)' > $@

$(B)/nginx/Makefile: config $(B)/nginx/sources
	misc/configure-module $(abspath $(B)/nginx) "$(NGINX_OPT) $(SAN)" \
		"$(LDFLAGS)"

$(MODULE): $(B)/nginx/Makefile $(MODULE_SRC)
	$(MAKE) -f $(abspath $(B)/nginx/Makefile) -C $(NGINX_SRC) modules
	cp $(B)/nginx/ngx_http_recs_module.so $@.new && mv $@.new $@

# tests

$(B)/unit/%.t: t/unit/%.c $(wildcard t/unit/*.h) $(B)/libbuilder.a $(B)/libcore.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $< $(LDFLAGS) $(B)/libbuilder.a \
		$(B)/libcore.a $(LIBS)

# what tests look at files with

$(B)/tool/%: t/tool/%.c $(B)/libbuilder.a $(B)/libcore.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $< $(LDFLAGS) $(B)/libbuilder.a \
		$(B)/libcore.a $(LIBS)

unit: $(UNIT) $(TOOLS)

test:
	@misc/install-deps test
	@$(MAKE) --no-print-directory -j$(JOBS) build unit
	prove -j$(JOBS) $(PROVE_OPT) $(UNIT) $(sort $(wildcard t/*.t))

sanitize:
	@misc/install-deps test
	@misc/sanitize

lint:
	@misc/lint

$(B)/fuzz/%: t/fuzz/%.c $(CORE_SRC)
	@mkdir -p $(@D)
	clang -std=gnu99 -g -O1 -fsanitize=fuzzer,address,undefined -I. \
		-Wno-deprecated-declarations -o $@ $< $(CORE_SRC) -llmdb \
		-ljansson -lcrypto -lxxhash -lm

FUZZ_SECONDS = 600

fuzz:
	@misc/install-deps test
	@$(MAKE) --no-print-directory -j$(JOBS) $(FUZZ)
	@misc/fuzz $(FUZZ_SECONDS) $(FUZZ)

$(B)/bench/%: bench/%.c $(B)/libbuilder.a $(B)/libcore.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $< $(LDFLAGS) $(B)/libbuilder.a \
		$(B)/libcore.a $(LIBS)

bench:
	@misc/install-deps bench
	@$(MAKE) --no-print-directory -j$(JOBS) build $(B)/bench/models
	@bench/run

soak:
	@misc/install-deps test
	@$(MAKE) --no-print-directory -j$(JOBS) build $(TOOLS)
	@RECS_SOAK=1 prove -v $(sort $(wildcard t/*_soak.t))

demo:
	@misc/install-deps build
	@$(MAKE) --no-print-directory -j$(JOBS) build
	@misc/demo start

demo-stop:
	@misc/demo stop

# installation

PREFIX = /usr/local
MODULES = /usr/lib/nginx/modules
UNITDIR = /lib/systemd/system
DOCDIR = /usr/share/doc/recs

install: build
	install -D -m 755 $(BUILDER) $(DESTDIR)$(PREFIX)/bin/recs-builder
	install -D -m 644 $(MODULE) \
		$(DESTDIR)$(MODULES)/ngx_http_recs_module.so
	install -D -m 644 packaging/recs-builder.service \
		$(DESTDIR)$(UNITDIR)/recs-builder.service
	install -D -m 644 packaging/recs-build.service \
		$(DESTDIR)$(UNITDIR)/recs-build.service
	install -D -m 644 packaging/recs-build.timer \
		$(DESTDIR)$(UNITDIR)/recs-build.timer
	install -d $(DESTDIR)$(DOCDIR)/docs $(DESTDIR)$(DOCDIR)/conf-examples
	install -m 644 README.md CHANGES LICENSE packaging/builder.conf \
		packaging/alerts.yml $(DESTDIR)$(DOCDIR)
	install -m 644 $(wildcard docs/*) $(DESTDIR)$(DOCDIR)/docs
	install -m 644 $(wildcard conf-examples/*) \
		$(DESTDIR)$(DOCDIR)/conf-examples

clean:
	rm -rf $(B)

-include $(CORE_OBJ:.o=.d) $(BUILDER_OBJ:.o=.d)

.PHONY: all build module builder deps unit test sanitize lint fuzz bench \
	soak demo demo-stop install clean FORCE
