// One in C++, which says what happens to it.
#include <cstdio>
#include <string>

#include <ringfix/plugin.h>

static rfx_status open_app(const char *args, rfx_app *app, rfx_error *)
{
    std::string *name = new std::string(args);
    std::fprintf(stderr, "opened %s\n", name->c_str());
    app->context = name;
    return RFX_OK;
}

static void close_app(void *context)
{
    std::string *name = static_cast<std::string *>(context);
    std::fprintf(stderr, "closed %s\n", name->c_str());
    delete name;
}

RFX_PLUGIN(open_app, close_app);
